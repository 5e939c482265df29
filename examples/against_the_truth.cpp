// Is your Ψ biased, and how loud is it? Three baselines of the total return, held against the exact gradient.
#include <cstdio>
#include <pigrad/lab/psi.hpp>
#include <pigrad/lab/quality.hpp>
#include <vector>

using namespace pigrad::lab;

constexpr int batch = 4;

// R − b of every row, R the discounted total return, b its mean over the batch: over all of it, or the others.
std::vector<double> minus_mean(const FiniteMdp& mdp, const Trajectories& data, bool of_the_others) {
  std::vector<double> weight = psi({.estimator = "total_return"}, mdp, data, nullptr);
  const std::vector<double> total = weight;
  const auto first_row = [&](int i) { return static_cast<std::size_t>(data.begin[static_cast<std::size_t>(i)]); };
  for (int begin = 0; begin + batch <= data.count(); begin += batch) {
    double sum = 0;
    for (int i = begin; i < begin + batch; ++i) sum += total[first_row(i)];
    for (int i = begin; i < begin + batch; ++i) {
      const double own = total[first_row(i)];
      const double mean = of_the_others ? (sum - own) / (batch - 1) : sum / batch;
      for (std::size_t row = first_row(i); row < first_row(i + 1); ++row) weight[row] -= mean;
    }
  }
  return weight;
}

int main() {
  const FiniteMdp mdp = grid_world_mdp(0.95);
  FinitePolicy policy = FinitePolicy::linear(mdp);
  policy.randomise(1, 0.3);
  const std::vector<double> truth = exact_gradient(mdp, policy), scores = policy.scores();
  const Trajectories data = sample(mdp, policy.probabilities(), 40000, {.seed = 1});
  const auto judged = [&](const char* name, const std::vector<double>& weight) {
    const Quality q = measure(gradients(policy, scores, data, weight, batch), truth, 0.999);
    std::printf("%-22s %.3f of the gradient [%.3f, %.3f], p (no bias) %.2g, tr Σ %.3f\n", name, q.length.value,
                q.length.low, q.length.high, q.unbiased_p, q.variance.value);
    return q;
  };
  const Quality bare = judged("total return", psi({.estimator = "total_return"}, mdp, data, nullptr));
  const Quality all = judged("− mean of the batch", minus_mean(mdp, data, false));
  const Quality others = judged("− mean of the others", minus_mean(mdp, data, true));
  const PsiSettings best{.estimator = "total_return", .baseline = BaselineKind::optimal};
  const Trajectories other = sample(mdp, policy.probabilities(), 10000, {.seed = 2});
  const Baseline fitted = fit_baseline(best, mdp, policy, other, nullptr);
  const Quality constant = judged("− best constant", psi(best, mdp, data, nullptr, fitted));
  // A return is part of its own batch's mean, which takes 1/4 of the gradient; of the others' mean it is not. Both are
  // louder than no baseline here: long episodes have long scores and small returns, so that the best constant is small.
  const bool as_said = all.length.contains(0.75) && others.unbiased_p > 0.001 && constant.unbiased_p > 0.001 &&
                       constant.variance.high < bare.variance.low && others.variance.low > bare.variance.high;
  std::printf("best constant %.3f, mean return %.3f\n", fitted.constant, solve(mdp, policy).objective);
  return as_said ? 0 : 1;
}
