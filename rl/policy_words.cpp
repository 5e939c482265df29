#include "policy_words.hpp"

namespace pigrad {
namespace {

std::string joined(const std::vector<double>& values) {
  std::string text;
  for (const double x : values) text += (text.empty() ? "" : ",") + shortest(x);
  return text;
}

}  // namespace

template <class T>
void describe_policy(const Agent<T>& agent, const TrainSettings& settings, State& state) {
  const auto put = [&](const char* key, const std::string& words) { state.put(std::string("policy.") + key, words); };
  const NetworkSettings& network = settings.policy.network;
  std::string activations;
  for (std::size_t i = 0; i < network.hidden.size(); ++i) activations += network.activation + ",";
  put("format", "1");
  put("activations", activations + network.output_activation);
  put("actions", agent.distribution().discrete() ? "discrete" : "box");
  if (!agent.distribution().discrete()) {
    const DistributionSettings& spread = agent.distribution().settings();
    const double scale = spread.spread_is == "log_variance" ? 0.5 : 1;
    put("action.low", joined(agent.spec().action.low));
    put("action.high", joined(agent.spec().action.high));
    put("log_std_scale", shortest(scale));
    const auto dimensions = static_cast<std::size_t>(agent.distribution().actions());
    if (spread.spread == "fixed")
      put("log_std", joined(std::vector<double>(dimensions, scale * spread.initial_spread)));
  }
  if (agent.normaliser()) {
    put("normaliser.clip", shortest(settings.observation.clip));
    put("normaliser.epsilon", shortest(settings.observation.epsilon));
  }
}

template void describe_policy(const Agent<float>&, const TrainSettings&, State&);
template void describe_policy(const Agent<double>&, const TrainSettings&, State&);

}  // namespace pigrad
