#include "truth.hpp"

#include <cmath>
#include <cstdlib>

#include "../core/error.hpp"

namespace pigrad::lab {

CriticChoice CriticChoice::parse(const std::string& text) {
  if (text == "exact") return {};
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon), rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  char* end = nullptr;
  const double number = std::strtod(rest.c_str(), &end);
  if (!rest.empty() && *end == '\0' && std::isfinite(number)) {
    if (kind == "learned" && number >= 1 && number <= 1e7 && number == std::floor(number))
      return {Kind::learned, static_cast<int>(number), 0};
    if (kind == "spoiled") return {Kind::spoiled, 0, number};
  }
  throw Error("critic", "there is no '" + text + "'", "give exact, learned:EPISODES or spoiled:ERROR");
}

namespace {

CriticTable critic_of(const FiniteMdp& mdp, const Exact& exact, const TruthSettings& settings) {
  const CriticChoice& how = settings.critic;
  if (how.kind == CriticChoice::Kind::exact) return exact_critic(exact);
  if (how.kind == CriticChoice::Kind::spoiled)
    return spoiled_critic(mdp, exact, critic_error(mdp, how.error, settings.seed));
  return learned_critic(
      mdp, sample(mdp, exact.pi, how.episodes,
                  {.seed = settings.seed, .first = settings.episodes + settings.fitted, .threads = settings.threads}));
}

}  // namespace

Truth against_truth(const FiniteMdp& mdp, const FinitePolicy& policy, const TruthSettings& settings) {
  mdp.check();
  const Exact exact = solve(mdp, policy);
  if (exact.visits.empty()) throw Error("truth", "episodes of " + mdp.name + " need not end", "give it a horizon");
  if (settings.batch < 1 || settings.episodes / settings.batch < 2)
    throw Error(
        "truth",
        "batches of " + std::to_string(settings.batch) + " of " + std::to_string(settings.episodes) + " episodes",
        "give at least two batches");
  Truth out;
  out.gradient = exact_gradient(mdp, policy);
  out.objective = exact.objective, out.length = exact.length;
  const CriticTable critic = critic_of(mdp, exact, settings);
  const Trajectories data =
      sample(mdp, exact.pi, settings.episodes, {.seed = settings.seed, .threads = settings.threads});
  const Baseline baseline =
      fit_baseline(settings.psi, mdp, policy,
                   sample(mdp, exact.pi, settings.fitted,
                          {.seed = settings.seed, .first = settings.episodes, .threads = settings.threads}),
                   &critic);
  const std::vector<double> g =
      gradients(policy, policy.scores(), data, psi(settings.psi, mdp, data, &critic, baseline), settings.batch,
                settings.psi.normalise, settings.threads);
  out.quality = measure(g, out.gradient, settings.confidence);
  out.exact = has_exact_moments(settings.psi);
  if (out.exact) out.moments = exact_moments(settings.psi, mdp, policy, &critic, baseline);
  if (!settings.psi.normalise) out.parts = sampled_variance_parts(settings.psi, mdp, policy, data, &critic, baseline);
  for (int size = 1; size <= out.quality.count / 20; size *= 4)
    out.against_samples.push_back({size, error_of_groups(g, out.gradient, size, settings.confidence),
                                   cosine_of_groups(g, out.gradient, size, settings.confidence)});
  return out;
}

}  // namespace pigrad::lab
