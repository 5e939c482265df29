#include "landscape.hpp"

#include <cmath>

#include "../core/random.hpp"
#include "../rl/evaluate.hpp"
#include "curvature.hpp"
#include "policy_gradient.hpp"
#include "subject.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// What is walked through: the policy's surrogate and its return at any parameters.
class Ground {
 public:
  Ground(OnPolicy<double>& subject, const Registry& environments, const Rollout<double>& rollout,
         const std::vector<double>& psi, const LandscapeOptions& options)
      : subject_(subject), environments_(environments), options_(options) {
    settings_.damping = options.damping;
    policy_ = std::make_unique<NaturalPolicy<double>>(subject.agent(), settings_, 0.0);
    policy_->bind(rollout, psi.data(), nullptr, rollout.rows(), options.threads);
    flat_ = policy_->differentiate();
    const double* first = subject.agent().parameters().data();
    start_.assign(first, first + subject.layout().size());
  }
  ~Ground() { go({}, 0); }
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  /// ∇ of the surrogate, the direction of ascent.
  std::vector<double> gradient() const {
    std::vector<double> g = policy_->gradient();
    for (double& x : g) x = -x;
    return g;
  }

  void walk(const std::vector<double>& direction, const std::vector<double>& steps, LandscapeLine& line) {
    for (const double step : steps) {
      go(direction, step);
      line.surrogate.push_back(flat_ - policy_->here());
      line.kl.push_back(policy_->kl());
      const Evaluation e = evaluate(subject_.agent(), environments_, subject_.settings().environment, options_.episodes,
                                    false, options_.seed + 1, options_.threads);
      line.mean_return.push_back(e.mean);
      line.standard_error.push_back(e.deviation / std::sqrt(options_.episodes - 1.0));
    }
    go({}, 0);
  }

 private:
  void go(const std::vector<double>& direction, double step) {
    Parameters<double>& p = subject_.agent().parameters();
    for (std::size_t i = 0; i < start_.size(); ++i) p.data()[i] = start_[i] + (step == 0 ? 0 : step * direction[i]);
    p.touch();
  }

  OnPolicy<double>& subject_;
  const Registry& environments_;
  LandscapeOptions options_;
  NaturalSettings settings_;
  std::unique_ptr<NaturalPolicy<double>> policy_;
  std::vector<double> start_;
  double flat_ = 0;
};

}  // namespace

Landscape landscape(OnPolicy<double>& subject, const State& state, const Registry& environments,
                    const LandscapeOptions& options) {
  const Agent<double>& agent = subject.agent();
  const std::vector<EpisodeRows> episodes =
      episodes_rows(subject, subject, state, options.sample_episodes, options.seed);
  const Rollout<double> rollout = joined(episodes, agent.observation_size(), agent.action_size());
  const PolicyGradient plain = policy_gradient(subject, state, subject.settings(), rollout, nullptr, false);
  Ground ground(subject, environments, rollout, plain.psi, options);

  Landscape land;
  land.rows = rollout.rows();
  for (int i = -options.points; i <= options.points; ++i) land.steps.push_back(options.radius * i / options.points);
  FisherProduct<double> fisher(agent);
  fisher.bind(rollout.rows(), rollout.obs.data(), rollout.rows());
  const LinearMap<double> product = [&](const double* v, double* out) { fisher(v, out, options.threads); };
  const std::vector<double> g = ground.gradient();
  const Random random(options.seed, Purpose::test);
  for (int k = 0; k < 2 + options.random; ++k) {
    LandscapeLine line;
    std::vector<double> d = g, fd(g.size());
    if (k == 0) line.name = "gradient";
    if (k == 1) {
      line.name = "natural gradient";
      d = natural_gradient(product, g, options.damping, {.iterations = 50, .tolerance = 1e-8}).direction;
    }
    if (k > 1) {
      line.name = "random " + std::to_string(k - 1);
      for (int i = 0; i < static_cast<int>(d.size()); ++i)
        d[at(i)] = i >= agent.policy_range().begin && i < agent.policy_range().end
                       ? random.normal<double>(static_cast<std::uint32_t>(k), static_cast<std::uint64_t>(i))
                       : 0;
    }
    product(d.data(), fd.data());
    const double length = std::sqrt(inner_product(d, fd));
    if (!(length > 0))
      throw Error("landscape", "along the " + line.name + " the policy does not change",
                  "give more --sampled episodes, or a checkpoint whose policy still explores");
    for (double& x : d) x /= length;
    line.slope = inner_product(d, g);
    line.cosine = line.slope / std::sqrt(inner_product(d, d) * inner_product(g, g));
    ground.walk(d, land.steps, line);
    land.lines.push_back(std::move(line));
  }
  return land;
}

}  // namespace pigrad
