// An estimator of your own: a Ψ for ∇J = E[Σ Ψ ∇ log π] as a plain function over a path.
#include <cmath>
#include <cstdio>
#include <pigrad/rl/advantage.hpp>
#include <vector>

// Ψ_t of copy e = G_t of e − the mean G_t of the other copies: a baseline without a critic. It does not depend on the
// copy's own actions, so the gradient stays unbiased. out [T×E].
template <class T>
void leave_one_out(const pigrad::AdvantageInput<T>& in, T* out) {
  const pigrad::Path<T>& path = in.path;
  pigrad::return_to_go(path, in.gamma, in.next_value, out);
  for (int t = 0; t < path.steps; ++t) {
    T* row = out + t * path.copies;
    T sum = 0;
    for (int e = 0; e < path.copies; ++e) sum += row[e];
    for (int e = 0; e < path.copies; ++e) row[e] -= (sum - row[e]) / static_cast<T>(path.copies - 1);
  }
}

int main() {
  // Three copies, two steps. Copy 0's first step is terminated, so that no reward crosses it.
  const std::vector<double> reward = {1, 2, 3, 4, 5, 6}, next_value(6, 0.0);
  const std::vector<std::uint8_t> terminated = {1, 0, 0, 0, 0, 0}, truncated(6, 0);
  pigrad::AdvantageInput<double> in;
  in.path = {2, 3, reward.data(), terminated.data(), truncated.data()};
  in.gamma = 0.5;
  in.next_value = next_value.data();

  // G_0 = 1, 2 + 0.5·5, 3 + 0.5·6 and G_1 = 4, 5, 6.
  const std::vector<double> expected = {1 - 5.25, 4.5 - 3.5, 6 - 2.75, 4 - 5.5, 5 - 5.0, 6 - 4.5};
  std::vector<double> advantage(6);
  const pigrad::AdvantageEstimator<double> entry = {"leave_one_out", false, false, &leave_one_out<double>};
  entry.estimate(in, advantage.data());
  for (std::size_t i = 0; i < 6; ++i) {
    std::printf("%s[%zu] = %g\n", entry.name, i, advantage[i]);
    if (std::abs(advantage[i] - expected[i]) > 1e-12) return 1;
  }
}
