#include <cmath>
#include <cstdint>
#include <map>
#include <pigrad/core/hessian_product.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/nn/distribution.hpp>
#include <pigrad/nn/mlp.hpp>

#include "measure.hpp"

// What it costs to know of each sample's own gradient its norm, its product with a vector, or all of it, beside the
// plain forward and backward pass of the same loss; and what a Hessian-vector product costs. One thread.

using namespace pigrad;

namespace {

struct Case {
  const char* name;
  int observations, actions;
  bool discrete;
  std::vector<int> hidden;
};

template <class T>
std::vector<T> draws(int count, double scale, std::uint32_t stream) {
  const Random random(1, Purpose::test);
  std::vector<T> all;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count); ++i)
    all.push_back(static_cast<T>(scale * (2 * random.uniform<double>(stream, i) - 1)));
  return all;
}

template <class T>
void measure(const Case& c, int rows) {
  ParameterLayout layout;
  DistributionSettings settings;
  settings.name = c.discrete ? "categorical" : "gaussian";
  const auto distribution = make_distribution(settings, c.actions, c.discrete, c.name);
  MlpSettings mlp;
  mlp.hidden = c.hidden;
  const Mlp policy(layout, "policy", c.observations, distribution->network_outputs(), mlp);
  distribution->add_parameters(layout, "policy");
  Tape tape(layout);
  const Tensor output = policy(tape.input("obs", c.observations));
  const Tensor log_prob = distribution->log_prob(output, distribution->action_input(tape, "action"));
  const Program program = tape.program(-mean(log_prob * tape.input("weight", 1)));

  const std::vector<T> obs = draws<T>(c.observations * rows, 1, 0), weight = draws<T>(rows, 1, 1);
  const std::vector<T> parameters = draws<T>(layout.size(), 0.2, 2), v = draws<T>(layout.size(), 1, 3);
  const std::vector<T> action = draws<T>(c.actions * rows, 1, 4);
  std::vector<std::int32_t> index;
  for (int i = 0; i < rows; ++i) index.push_back(i % c.actions);
  Bindings<T> b(program);
  b.parameters(parameters.data());
  b.rows(rows);
  b.input("obs", obs.data(), rows);
  b.input("weight", weight.data(), rows);
  if (c.discrete)
    b.index("action", index.data());
  else
    b.input("action", action.data(), rows);
  Workspace<T> workspace(program);
  HessianProduct<T> hessian(program);
  Bindings<T> dual = b;
  const auto size = static_cast<std::size_t>(layout.size());
  std::vector<T> gradient(size), product(size), one(static_cast<std::size_t>(rows)), all(size * one.size());

  const std::vector<bench::Contender> contenders = {
      {"sum", [&] { workspace.run(b, Sink<T>::sum(gradient.data())); }},
      {"norm", [&] { workspace.run(b, Sink<T>::norm(one.data())); }},
      {"dot", [&] { workspace.run(b, Sink<T>::dot(v.data(), one.data())); }},
      {"rows", [&] { workspace.run(b, Sink<T>::rows(all.data())); }},
      {"Hv", [&] { hessian(dual, parameters.data(), v.data(), product.data()); }}};
  const std::vector<bench::Timing> t = bench::interleaved(contenders);
  std::printf("%-26s %-7s %5d %9.1f", c.name, sizeof(T) == 4 ? "float" : "double", rows, 1e6 * t[0].median);
  for (std::size_t i = 1; i < t.size(); ++i) std::printf(" %7.2f", t[i].median / t[0].median);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  bench::print_head(argc, argv);
  std::printf(
      "# plain forward and backward in µs, the others by it: each sample's norm, its product with a vector, its whole\n"
      "# gradient, and a Hessian-vector product\n");
  std::printf("%-26s %-7s %5s %9s %7s %7s %7s %7s\n", "policy", "scalar", "batch", "plain", "norm", "dot", "rows",
              "Hv");
  const Case cases[] = {{"CartPole 4-64-32-2 tanh", 4, 2, true, {64, 32}},
                        {"CartPole 4-64-64-2 tanh", 4, 2, true, {64, 64}},
                        {"Pendulum 3-64-64-1 normal", 3, 1, false, {64, 64}}};
  for (const Case& c : cases)
    for (const int rows : {16, 400, 4096}) {
      measure<float>(c, rows);
      measure<double>(c, rows);
    }
}
