#include "policy_curvature.hpp"

#include <algorithm>
#include <cmath>

#include "curvature.hpp"
#include "policy_gradient.hpp"
#include "subject.hpp"

namespace pigrad {
namespace {

/// A map over all parameters, seen over the policy's own.
LinearMap<double> within(const ParameterRange& range, int size, const LinearMap<double>& whole) {
  return [range, whole, full = std::vector<double>(static_cast<std::size_t>(size)),
          out_full = std::vector<double>(static_cast<std::size_t>(size))](const double* v, double* out) mutable {
    std::copy_n(v, range.size(), full.begin() + range.begin);
    whole(full.data(), out_full.data());
    std::copy_n(out_full.begin() + range.begin, range.size(), out);
  };
}

MatrixSpectrum spectrum_of(const std::string& name, const LinearMap<double>& matrix,
                           const std::vector<double>& gradient, const CurvatureOptions& options) {
  const Spectrum found = lanczos(matrix, static_cast<int>(gradient.size()), {options.steps, options.seed});
  MatrixSpectrum out;
  out.name = name;
  const double squared = inner_product(gradient, gradient);
  const auto most = std::min(found.values.size(), static_cast<std::size_t>(options.eigenvalues));
  for (std::size_t i = 0; i < most; ++i) {
    const double along = inner_product(gradient, found.vectors[i]);
    out.values.push_back(found.values[i]);
    out.residuals.push_back(found.residuals[i]);
    out.shares.push_back(along * along / squared);
  }
  return out;
}

}  // namespace

PolicyCurvature policy_curvature(const OnPolicy<double>& subject, const State& state, const CurvatureOptions& options) {
  require(options.sample_episodes > 0 && options.eigenvalues > 0 && options.steps >= options.eigenvalues, "curvature",
          "no episode, no eigenvalue, or fewer steps than eigenvalues", "give at least 1 of each, and as many steps");
  const Agent<double>& agent = subject.agent();
  const Rollout<double> rollout = joined(episodes_rows(subject, subject, state, options.sample_episodes, options.seed),
                                         agent.observation_size(), agent.action_size());
  const PolicyGradient plain = policy_gradient(subject, state, subject.settings(), rollout, nullptr, false);
  const ParameterRange range = agent.policy_range();
  const std::vector<double> gradient(plain.mean.begin() + range.begin, plain.mean.begin() + range.end);
  PolicyCurvature out;
  out.rows = rollout.rows();
  out.gradient_norm = std::sqrt(inner_product(gradient, gradient));
  require(out.gradient_norm > 0, "curvature", "the policy's gradient is 0 on these episodes",
          "give more --sampled episodes, or a checkpoint whose policy still explores");
  const int size = agent.layout().size();

  FisherProduct<double> fisher(agent);
  fisher.bind(rollout.rows(), rollout.obs.data(), rollout.rows());
  const LinearMap<double> true_fisher =
      within(range, size, [&](const double* v, double* o) { fisher(v, o, options.threads); });
  EmpiricalFisher taken(agent);
  taken.bind(rollout, nullptr, rollout.rows());
  const LinearMap<double> empirical =
      within(range, size, [&](const double* v, double* o) { taken(v, o, options.threads); });

  const Program surrogate = surrogate_loss(agent, 0);
  HessianProduct<double> hessian(surrogate);
  Bindings<double> bindings(surrogate);
  const std::vector<double> old(static_cast<std::size_t>(rollout.rows()) *
                                static_cast<std::size_t>(agent.distribution().statistics_columns()));
  bindings.rows(rollout.rows());
  bindings.input("obs", rollout.obs.data(), rollout.rows());
  bindings.input("weight", plain.psi.data(), rollout.rows());
  bindings.input("log_prob", plain.log_prob.data(), rollout.rows());
  bindings.input("old", old.data(), rollout.rows());
  if (rollout.action_size == 0)
    bindings.index("action", rollout.index.data());
  else
    bindings.input("action", rollout.action.data(), rollout.rows());
  const LinearMap<double> of_surrogate = within(range, size, [&](const double* v, double* o) {
    hessian(bindings, agent.parameters().data(), v, o, options.threads);
    for (int i = 0; i < size; ++i) o[i] = -o[i];
  });

  out.matrices = {spectrum_of("true Fisher", true_fisher, gradient, options),
                  spectrum_of("empirical Fisher", empirical, gradient, options),
                  spectrum_of("Hessian of the surrogate", of_surrogate, gradient, options)};
  constexpr int most_products = 200;
  for (const double damping : options.dampings) {
    const NaturalGradient natural =
        natural_gradient(true_fisher, gradient, damping, {.iterations = most_products, .tolerance = 1e-8});
    out.angles.push_back({damping, natural.degrees, std::sqrt(inner_product(natural.direction, natural.direction)),
                          natural.solved.iterations, natural.solved.residual});
  }
  return out;
}

}  // namespace pigrad
