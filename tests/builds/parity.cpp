// parity POLICY.safetensors: the policy of an exported file against what it said when it left, within 1e-6.
#include <cmath>
#include <cstdio>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/policy/policy.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  pigrad::PolicyFault fault;
  const pigrad::Policy policy = pigrad::Policy::load(argv[1], fault);
  if (fault) return std::printf("%s\n", fault.words), 2;
  const auto file = pigrad::TensorFile::load(argv[1]);
  const auto observations = file.values<double>("parity.observations"),
             expected = file.values<double>("parity.statistics");
  const auto features = static_cast<std::size_t>(policy.observations()),
             columns = static_cast<std::size_t>(policy.statistics());
  std::vector<float> obs(features), says(columns);
  double worst = 0;
  for (std::size_t k = 0; k < observations.size() / features; ++k) {
    for (std::size_t f = 0; f < features; ++f) obs[f] = static_cast<float>(observations[k * features + f]);
    policy.say(obs.data(), says.data());
    for (std::size_t i = 0; i < columns; ++i) {
      const double e = expected[k * columns + i];
      worst = std::max(worst, std::abs(static_cast<double>(says[i]) - e) / std::max(1.0, std::abs(e)));
    }
  }
  std::printf("largest difference over %zu observations: %.3g\n", observations.size() / features, worst);
  return worst <= 1e-6 ? 0 : 1;
}
