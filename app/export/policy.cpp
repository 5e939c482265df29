#include "policy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../../core/random.hpp"
#include "../../rl/on_policy.hpp"

namespace pigrad::app {
namespace {

constexpr int parity_count = 32;

template <class T>
std::vector<double> segment(const Agent<T>& agent, const std::string& name) {
  const Segment& found = agent.layout().find(name);
  const T* from = agent.parameters().data() + found.offset;
  return {from, from + found.size()};
}

template <class T>
void take_network(const Agent<T>& agent, const NetworkSettings& network, ExportedPolicy& out) {
  const MlpSettings mlp = network.mlp();
  for (std::size_t i = 0; i <= mlp.hidden.size(); ++i) {
    const std::string name = "policy." + std::to_string(2 * i);
    const Segment& weight = agent.layout().find(name + ".weight");
    out.layers.push_back({weight.columns, weight.rows, segment(agent, name + ".weight"), segment(agent, name + ".bias"),
                          i < mlp.hidden.size() ? mlp.activation : mlp.output_activation});
  }
}

template <class T>
void take_spread(const Agent<T>& agent, ExportedPolicy& out) {
  const DistributionSettings& settings = agent.distribution().settings();
  out.log_std_scale = settings.spread_is == "log_variance" ? 0.5 : 1;
  out.spread_from_network = settings.spread == "state";
  if (out.spread_from_network) return;
  out.log_std = settings.spread == "learned"
                    ? segment(agent, "policy." + settings.spread_is)
                    : std::vector<double>(static_cast<std::size_t>(out.actions), settings.initial_spread);
  for (double& x : out.log_std) x *= out.log_std_scale;
}

/// Observations within three deviations of what a normaliser saw; without one, over what the space holds, three
/// deviations of a standard normal where it is unbounded.
std::vector<double> some_observations(const Space& space, const ExportedPolicy& policy) {
  const Random random(1, Purpose::test);
  std::vector<double> all;
  for (int i = 0; i < parity_count; ++i)
    for (int f = 0; f < space.size(); ++f) {
      const auto at = static_cast<std::size_t>(f);
      const double u = random.uniform<double>(static_cast<std::uint32_t>(i), static_cast<std::uint64_t>(f));
      constexpr double wide = 3;
      double low = std::max(space.low[at], -wide), high = std::min(space.high[at], wide);
      if (!policy.mean.empty()) {
        low = policy.mean[at] - wide / policy.inverse[at];
        high = policy.mean[at] + wide / policy.inverse[at];
      }
      all.push_back(static_cast<double>(static_cast<float>(low + (high - low) * u)));
    }
  return all;
}

template <class T>
void take_parity(const Agent<T>& agent, ExportedPolicy& out) {
  out.parity_observations = some_observations(agent.spec().observation, out);
  Actor<T> actor(agent);
  std::vector<T> obs(static_cast<std::size_t>(out.observations));
  for (int i = 0; i < parity_count; ++i) {
    const double* from = out.parity_observations.data() + i * out.observations;
    for (std::size_t f = 0; f < obs.size(); ++f) obs[f] = static_cast<T>(from[f]);
    if (const ObservationNormaliser* normaliser = agent.normaliser())
      normaliser->apply(1, obs.data(), 1, obs.data(), 1);
    const View<const T> said = actor.statistics(1, obs.data(), 1);
    for (int c = 0; c < out.statistics(); ++c)
      out.parity_statistics.push_back(static_cast<double>(said.data[c * said.column_stride]));
  }
}

template <class T>
ExportedPolicy gathered(const OnPolicy<T>& run) {
  const Agent<T>& agent = run.agent();
  const TrainSettings& settings = run.settings();
  ExportedPolicy out;
  out.environment = settings.environment;
  out.recipe = settings.recipe;
  out.epoch = run.epochs_done();
  out.scalar = settings.scalar;
  out.observations = agent.observation_size();
  out.discrete = agent.distribution().discrete();
  out.actions = agent.distribution().actions();
  if (const ObservationNormaliser* normaliser = agent.normaliser()) {
    out.clip = settings.observation.clip;
    for (const RunningMoments& m : normaliser->moments()) {
      out.mean.push_back(m.mean);
      out.inverse.push_back(1 / std::sqrt(m.variance + settings.observation.epsilon));
    }
  }
  take_network(agent, settings.policy.network, out);
  if (!out.discrete) {
    take_spread(agent, out);
    out.low = agent.spec().action.low;
    out.high = agent.spec().action.high;
  }
  take_parity(agent, out);
  return out;
}

}  // namespace

ExportedPolicy exported_policy(const Algorithm& algorithm) {
  if (const auto* run = dynamic_cast<const OnPolicy<float>*>(&algorithm)) return gathered(*run);
  if (const auto* run = dynamic_cast<const OnPolicy<double>*>(&algorithm)) return gathered(*run);
  throw Error("export", algorithm.settings().algorithm + " keeps no policy network that could leave",
              "export a run of an on-policy algorithm");
}

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats = {
      {"c", "one C99 header without dependencies, and a program that checks it", ".h", &write_c_header},
      {"onnx", "an ONNX model (opset 13), and a table that checks it", ".onnx", &write_onnx},
      {"safetensors", "tensors under PyTorch's names, the rest in the metadata", ".safetensors", &write_safetensors}};
  return formats;
}

}  // namespace pigrad::app
