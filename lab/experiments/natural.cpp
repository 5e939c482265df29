#include <algorithm>
#include <cmath>

#include "../../core/conjugate_gradients.hpp"
#include "../claims.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999, kStep = 0.01;  // mean KL of a step
constexpr double kDamping = 1e-9;

/// F = Σ_s d(s) Σ_a π(a|s) s_a s_aᵀ + λI in coordinates φ, θ = scale ∘ φ; d are the discounted visits, summing to 1.
LinearMap<double> fisher(const Scene& scene, const std::vector<double>& scores, const std::vector<double>& scale) {
  return [&](const double* v, double* out) {
    const std::size_t size = scale.size();
    double total = 0;
    for (const double d : scene.exact.discounted_visits) total += d;
    for (std::size_t i = 0; i < size; ++i) out[i] = kDamping * v[i];
    for (std::size_t pair = 0; pair < scene.exact.pi.size(); ++pair) {
      const double* s = scores.data() + pair * size;
      const double weight =
          scene.exact.pi[pair] * scene.exact.discounted_visits[pair / static_cast<std::size_t>(scene.mdp.actions)];
      double along = 0;
      for (std::size_t i = 0; i < size; ++i) along += s[i] * scale[i] * v[i];
      for (std::size_t i = 0; i < size; ++i) out[i] += weight / total * along * s[i] * scale[i];
    }
  };
}

/// Mean KL(π‖π′) over the discounted visits of π.
double divergence(const Scene& scene, const std::vector<double>& after) {
  double sum = 0, total = 0;
  for (std::size_t pair = 0; pair < after.size(); ++pair)
    sum += scene.exact.discounted_visits[pair / static_cast<std::size_t>(scene.mdp.actions)] * scene.exact.pi[pair] *
           std::log(scene.exact.pi[pair] / after[pair]);
  for (const double d : scene.exact.discounted_visits) total += d;
  return sum / total;
}

/// The direction that a gradient taken in coordinates φ gives θ: D²g plain, D (F_φ + λI)⁻¹ D g natural. What adds the
/// same to all logits of a state changes no policy and is left out.
std::vector<double> direction(const Scene& scene, const std::vector<double>& scale, bool natural) {
  const std::vector<double> scores = scene.policy.scores();
  std::vector<double> g = scene.gradient, d;
  for (std::size_t i = 0; i < g.size(); ++i) g[i] *= scale[i];
  if (natural)
    conjugate_gradients<double>(fisher(scene, scores, scale), g, d, {.iterations = 400, .tolerance = 1e-12});
  else
    d = g;
  for (std::size_t i = 0; i < d.size(); ++i) d[i] *= scale[i];
  const auto actions = static_cast<std::size_t>(scene.mdp.actions);
  for (std::size_t first = 0; first < d.size(); first += actions) {
    double mean = 0;
    for (std::size_t a = 0; a < actions; ++a) mean += d[first + a] / static_cast<double>(actions);
    for (std::size_t a = 0; a < actions; ++a) d[first + a] -= mean;
  }
  return d;
}

/// The step along a direction at which the mean KL is kStep, by bisection.
FinitePolicy stepped(const Scene& scene, const std::vector<double>& along) {
  FinitePolicy policy = scene.policy;
  const auto go = [&](double length) {
    std::vector<double> theta = scene.policy.parameters();
    for (std::size_t i = 0; i < theta.size(); ++i) theta[i] += length * along[i];
    policy.set_parameters(theta);
    return divergence(scene, policy.probabilities());
  };
  double low = 0, high = 1e-6 / std::sqrt(inner_product(along, along));
  while (go(high) < kStep && high < 1e12) low = high, high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (go(middle) < kStep ? low : high) = middle;
  }
  go(low);
  return policy;
}

ExperimentResult run(const ExperimentSettings& settings) {
  const FiniteMdp mdp = grid_world_mdp(0.95);
  const int policies = settings.samples(60, 12);
  std::vector<double> gains, turned_plain, turned_natural;
  for (int k = 0; k < policies; ++k) {
    settings.say(0.5 * k / policies, "policy " + std::to_string(k + 1));
    const Scene scene = Scene::linear(mdp, settings.seed + static_cast<std::uint64_t>(k), 0.5);
    const std::vector<double> one(scene.gradient.size(), 1.0);
    std::vector<double> scale = one;
    for (std::size_t i = 0; i < scale.size(); ++i) scale[i] = std::pow(4.0, std::sin(1.7 * static_cast<double>(i)));
    const auto cosine = [](const std::vector<double>& a, const std::vector<double>& b) {
      return inner_product(a, b) / std::sqrt(inner_product(a, a) * inner_product(b, b));
    };
    const std::vector<double> plain = direction(scene, one, false), natural = direction(scene, one, true);
    turned_plain.push_back(1 - cosine(plain, direction(scene, scale, false)));
    turned_natural.push_back(1 - cosine(natural, direction(scene, scale, !settings.control)));
    gains.push_back((solve(mdp, stepped(scene, natural)).objective - scene.exact.objective) /
                    (solve(mdp, stepped(scene, plain)).objective - scene.exact.objective));
  }

  std::vector<Curve> climbs;
  const int steps = settings.samples(40, 10);
  for (const bool natural : {false, true}) {
    Curve curve{natural ? "natural" : "plain", {}, {}, {}, {}, false};
    Scene scene = Scene::linear(mdp, settings.seed, 0.0);
    for (int i = 0; i <= steps; ++i) {
      settings.say(0.5 + 0.25 * natural + 0.25 * i / steps, "climbing");
      curve.x.push_back(i), curve.y.push_back(scene.exact.objective);
      const std::vector<double> one(scene.gradient.size(), 1.0);
      scene = Scene(mdp, stepped(scene, direction(scene, one, natural)));
    }
    climbs.push_back(std::move(curve));
  }

  ExperimentResult out;
  out.question =
      "The plain gradient is the steepest way up by the parameters' lengths, which mean nothing; the natural one by "
      "how "
      "far the policy itself moves. What is that worth for the same change of the policy?";
  out.equations = {"F = E_s E_{a∼π} ∇ln π ∇ln πᵀ;  KL(π‖π′) ≈ ½ Δθᵀ F Δθ",
                   "max gᵀΔθ subject to ½ Δθᵀ F Δθ ≤ δ  ⇒  Δθ ∝ F⁻¹ g (Kakade 2002, theorem 1)",
                   "θ = Dφ:  plain ascent in φ moves θ along D²g;  D (D F D)⁻¹ D g = F⁻¹ g"};
  const double worst = *std::max_element(turned_natural.begin(), turned_natural.end());
  out.claims.push_back(claim_exact("The natural gradient is the same in coordinates scaled by up to 4 either way",
                                   "largest 1 − cosine of the two directions", worst, 1e-9));
  const Interval gain = mean_interval(gains, kConfidence), turned = mean_interval(turned_plain, kConfidence);
  out.claims.push_back(claim_above("The plain gradient is another one", "mean 1 − cosine of the two directions", turned,
                                   0.05, kConfidence));
  out.claims.push_back(claim_above("For the same KL of 0.01 the natural step raises J more",
                                   "mean of ΔJ natural by ΔJ plain over random policies", gain, 1, kConfidence));
  out.plots = {{"Steps of the same KL, 0.01, with exact gradients", "grid world, from the uniform policy", "step", "J",
                climbs, false, false}};
  out.tables = {{"Over random policies",
                 {"what", "mean"},
                 {{"ΔJ natural / ΔJ plain", digits(gain.value, gain.low, gain.high)},
                  {"1 − cosine, plain, scaled coordinates", digits(turned.value, turned.low, turned.high)},
                  {"1 − cosine, natural, the largest", digits(worst)}}}};
  out.settings = {{"MDP", Scene::linear(mdp, settings.seed, 0.5).words()},
                  {"policies", std::to_string(policies) + ", tables of logits from N(0, 0.5²)"},
                  {"Fisher", "exact, over the discounted visits, damping 1e-9; conjugate gradients to 1e-12"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "Whoever measures parameters in other units gets another plain gradient and the same natural one. For the same "
      "move of the policy the natural step climbs higher: the plain one spends its length where the policy hardly "
      "cares.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment natural_experiment() {
  return {"natural", "Plain against natural gradient, for the same change of the policy",
          "the natural gradient in scaled coordinates is replaced by the plain one", &run};
}

}  // namespace pigrad::lab
