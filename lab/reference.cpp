#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "../core/error.hpp"
#include "../core/ops.hpp"
#include "../rl/collector.hpp"

namespace pigrad::lab {
namespace {

constexpr int kLongest = 1000000;

template <class T>
Program weighted_log_prob(const Agent<T>& agent) {
  Tape tape(agent.layout());
  const Tensor output = agent.policy(tape.input("obs", agent.observation_size()));
  const Tensor action = agent.distribution().action_input(tape, "action");
  return tape.program(sum(agent.distribution().log_prob(output, action) * tape.input("weight", 1)));
}

/// Whole episodes by an agent, and the sum of their terms through the tape.
template <class T>
class Sampler {
 public:
  Sampler(const Agent<T>& agent, const Registry& environments, const std::string& environment,
          const ReferenceSettings& settings)
      : agent_(agent),
        settings_(settings),
        env_(environments.make<T>(environment, std::min(settings.episodes, 64), settings.seed,
                                  {.purpose = Purpose::evaluate})),
        collector_(agent, *env_, settings.seed),
        program_(weighted_log_prob(agent)),
        workspace_(program_),
        bindings_(program_),
        gradient_(static_cast<std::size_t>(agent.layout().size())) {
    const bool with_value = agent.has_value() && !agent.sees_time();
    find_estimator<T>(settings.psi, with_value);
    if (with_value && (settings.psi.baseline || settings.bootstrap_limits || needs_value())) {
      valuing_.emplace(agent.valuing());
      valued_.emplace(agent.valuing());
    } else if (settings.bootstrap_limits) {
      throw Error("reference gradient", "there is no critic of states to bootstrap limits with",
                  "leave bootstrap_limits off");
    }
  }

  /// One group: its mean episode's gradient and discounted return are appended. Returns the steps taken.
  int group(std::vector<double>& gradients, std::vector<double>& objectives) {
    collector_.collect_episodes({settings_.episodes, 0, kLongest}, settings_.threads, rollout_);
    find_weights();
    const int rows = rollout_.rows();
    bindings_.parameters(agent_.parameters().data());
    bindings_.input("obs", rollout_.obs.data(), rows);
    if (agent_.distribution().discrete()) bindings_.index("action", rollout_.index.data());
    if (!agent_.distribution().discrete()) bindings_.input("action", rollout_.action.data(), rows);
    bindings_.input("weight", weight_.data(), 1);
    bindings_.rows(rows);
    workspace_.run(bindings_, Sink<T>::sum(gradient_.data()), {.threads = settings_.threads});
    for (const T g : gradient_) gradients.push_back(static_cast<double>(g) / settings_.episodes);
    objectives.push_back(discounted_return());
    return rows;
  }

 private:
  bool needs_value() const { return find_estimator<T>(settings_.psi, true).needs_critic; }

  Path<T> path() const {
    return {rollout_.rows(), 1, rollout_.reward.data(), rollout_.terminated.data(), rollout_.truncated.data(), nullptr};
  }

  void value(const T* obs, std::vector<T>& out) {
    const int rows = rollout_.rows();
    out.resize(static_cast<std::size_t>(rows));
    valued_->parameters(agent_.parameters().data());
    valued_->input("obs", obs, rows);
    valued_->output("value", out.data(), 1);
    valued_->rows(rows);
    valuing_->run(*valued_, {}, {.threads = settings_.threads});
  }

  void find_weights() {
    const auto rows = static_cast<std::size_t>(rollout_.rows());
    next_value_.assign(rows, T(0));
    if (valuing_) {
      value(rollout_.obs.data(), value_);
      std::vector<T> last;
      if (settings_.bootstrap_limits) value(rollout_.final_obs.data(), last);
      for (std::size_t row = 0; row < rows; ++row)
        if (rollout_.truncated[row])
          next_value_[row] = settings_.bootstrap_limits ? last[row] : T(0);
        else if (!rollout_.terminated[row] && row + 1 < rows)
          next_value_[row] = value_[row + 1];
    }
    AdvantageInput<T> in;
    in.path = path();
    in.gamma = static_cast<T>(settings_.gamma);
    in.lambda = static_cast<T>(settings_.lambda);
    in.n = settings_.psi.n;
    in.value = valuing_ ? value_.data() : nullptr;
    in.next_value = next_value_.data();
    estimate_advantage(settings_.psi, in, weight_);
  }

  double discounted_return() const {
    std::vector<T> to_go(static_cast<std::size_t>(rollout_.rows()));
    return_to_go<T>(path(), static_cast<T>(settings_.gamma), nullptr, to_go.data());
    double sum = 0;
    bool first = true;
    for (std::size_t row = 0; row < to_go.size(); ++row) {
      if (first) sum += static_cast<double>(to_go[row]) / settings_.episodes;
      first = rollout_.ended(static_cast<int>(row));
    }
    return sum;
  }

  const Agent<T>& agent_;
  const ReferenceSettings& settings_;
  std::unique_ptr<VectorEnv<T>> env_;
  Collector<T> collector_;
  Program program_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  std::optional<Workspace<T>> valuing_;
  std::optional<Bindings<T>> valued_;
  Rollout<T> rollout_;
  std::vector<T> gradient_, weight_, value_, next_value_;
};

}  // namespace

AdvantageSettings ReferenceSettings::unbiased() {
  AdvantageSettings psi;
  psi.estimator = "return_to_go";
  psi.baseline = false;
  psi.discount_time = true;
  psi.normalise = false;
  return psi;
}

template <class T>
ReferenceGradient reference_gradient(const Agent<T>& agent, const Registry& environments,
                                     const std::string& environment, const ReferenceSettings& settings) {
  if (agent.normaliser())
    throw Error("reference gradient", "this agent's observations are normalised",
                "take one that sees observations as they are");
  if (settings.psi.normalise || settings.psi.estimator == "q")
    throw Error("reference gradient", "a normalised Ψ, or q, has no gradient of one episode",
                "take return_to_go, n_step, td_error or gae, not normalised");
  if (settings.episodes < 1 || settings.groups < 2)
    throw Error("reference gradient", "there are too few episodes or groups", "give 1 episode and 2 groups or more");
  Sampler<T> sampler(agent, environments, environment, settings);
  ReferenceGradient out;
  std::vector<double> objectives;
  while (out.steps < settings.steps || out.groups < settings.groups) {
    out.steps += sampler.group(out.gradients, objectives);
    out.episodes += settings.episodes;
    ++out.groups;
    if (settings.progress)
      settings.progress(std::min(static_cast<double>(out.steps) / static_cast<double>(settings.steps),
                                 static_cast<double>(out.groups) / settings.groups));
  }
  const auto parameters = static_cast<std::size_t>(agent.layout().size());
  out.mean.assign(parameters, 0);
  for (std::size_t i = 0; i < out.gradients.size(); ++i) out.mean[i % parameters] += out.gradients[i] / out.groups;
  double squares = 0;
  for (std::size_t i = 0; i < out.gradients.size(); ++i)
    squares += (out.gradients[i] - out.mean[i % parameters]) * (out.gradients[i] - out.mean[i % parameters]);
  out.standard_error = std::sqrt(squares / (out.groups - 1) / out.groups);
  out.objective = mean_interval(objectives, 0.95);
  return out;
}

template ReferenceGradient reference_gradient(const Agent<float>&, const Registry&, const std::string&,
                                              const ReferenceSettings&);
template ReferenceGradient reference_gradient(const Agent<double>&, const Registry&, const std::string&,
                                              const ReferenceSettings&);

}  // namespace pigrad::lab
