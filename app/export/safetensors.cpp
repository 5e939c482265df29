#include "../../nn/safetensors.hpp"

#include <sstream>

#include "policy.hpp"

namespace pigrad::app {
namespace {

std::string joined(const std::vector<double>& values) {
  std::ostringstream text;
  text.precision(17);
  for (std::size_t i = 0; i < values.size(); ++i) text << (i ? "," : "") << values[i];
  return text.str();
}

}  // namespace

std::vector<std::string> write_safetensors(const ExportedPolicy& p, const std::string& path) {
  std::vector<TensorView> tensors;
  std::vector<std::vector<float>> narrow;
  narrow.reserve(2 * p.layers.size() + 1);
  const bool wide = p.scalar == "float64";
  const auto add = [&](const std::string& name, TensorShape shape, const std::vector<double>& values) {
    if (wide) return tensors.push_back(tensor_view(name, std::move(shape), values.data()));
    narrow.emplace_back(values.begin(), values.end());
    tensors.push_back(tensor_view(name, std::move(shape), narrow.back().data()));
  };
  std::string activations;
  for (std::size_t i = 0; i < p.layers.size(); ++i) {
    const ExportedPolicy::Layer& l = p.layers[i];
    const std::string name = "policy." + std::to_string(2 * i);
    add(name + ".weight", {l.outputs, l.inputs}, l.weight);
    add(name + ".bias", {l.outputs}, l.bias);
    activations += (i ? "," : "") + std::string(activation_name(l.activation));
  }
  if (!p.log_std.empty()) add("policy.log_std", {p.actions}, p.log_std);
  const auto count = static_cast<std::int64_t>(p.parity_observations.size()) / p.observations;
  if (!p.mean.empty()) {
    tensors.push_back(tensor_view("normaliser.mean", {p.observations}, p.mean.data()));
    tensors.push_back(tensor_view("normaliser.inverse", {p.observations}, p.inverse.data()));
  }
  tensors.push_back(tensor_view("parity.observations", {count, p.observations}, p.parity_observations.data()));
  tensors.push_back(tensor_view("parity.statistics", {count, p.statistics()}, p.parity_statistics.data()));
  Metadata metadata = {{"format", "pigrad-policy"},
                       {"format_version", "1"},
                       {"environment", p.environment},
                       {"recipe", p.recipe},
                       {"epoch", std::to_string(p.epoch)},
                       {"activations", activations},
                       {"actions", p.discrete ? "discrete" : "box"},
                       {"statistics", p.discrete ? "log_probabilities" : "mean,log_std"}};
  if (!p.mean.empty()) metadata["normaliser.clip"] = joined({p.clip});
  if (!p.discrete) {
    metadata["action.low"] = joined(p.low);
    metadata["action.high"] = joined(p.high);
    if (p.spread_from_network) metadata["log_std_scale"] = joined({p.log_std_scale});
  }
  save_safetensors(path, tensors, metadata);
  return {path};
}

}  // namespace pigrad::app
