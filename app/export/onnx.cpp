#include <cmath>
#include <filesystem>

#include "../../core/error.hpp"
#include "../../rl/fields.hpp"
#include "../files.hpp"
#include "../versions.hpp"
#include "onnx_graph.hpp"
#include "policy.hpp"

namespace pigrad::app {
namespace {

namespace fs = std::filesystem;

/// What the network sees, normalised in double, as training does.
std::string normalised(const ExportedPolicy& p, OnnxGraph& graph) {
  if (p.mean.empty()) return "observation";
  graph.doubles("normaliser.mean", {p.observations}, p.mean);
  graph.doubles("normaliser.inverse", {p.observations}, p.inverse);
  graph.doubles("normaliser.low", {}, {-p.clip});
  graph.doubles("normaliser.high", {}, {p.clip});
  const OnnxAttribute wide{"to", true, 11}, narrow{"to", true, 1};
  graph.node("Cast", {"observation"}, {"wide"}, {wide});
  graph.node("Sub", {"wide", "normaliser.mean"}, {"centred"});
  graph.node("Mul", {"centred", "normaliser.inverse"}, {"scaled"});
  graph.node("Clip", {"scaled", "normaliser.low", "normaliser.high"}, {"clipped"});
  graph.node("Cast", {"clipped"}, {"seen"}, {narrow});
  return "seen";
}

const char* onnx_activation(Activation activation) {
  switch (activation) {
    case Activation::identity:
      return "Identity";
    case Activation::tanh:
      return "Tanh";
    case Activation::relu:
      return "Relu";
    case Activation::elu:
      return "Elu";
    case Activation::sigmoid:
      return "Sigmoid";
    case Activation::softplus:
      return "Softplus";
  }
  return "Identity";
}

std::string layers(const ExportedPolicy& p, OnnxGraph& graph, std::string x) {
  for (std::size_t i = 0; i < p.layers.size(); ++i) {
    const ExportedPolicy::Layer& l = p.layers[i];
    const std::string name = "policy." + std::to_string(2 * i), sum = name + ".sum", after = name + ".out";
    graph.floats(name + ".weight", {l.outputs, l.inputs}, l.weight);
    graph.floats(name + ".bias", {l.outputs}, l.bias);
    graph.node("Gemm", {x, name + ".weight", name + ".bias"}, {sum}, {{"transB", true, 1}});
    graph.node(onnx_activation(l.activation), {sum}, {after});
    x = after;
  }
  return x;
}

void choose(OnnxGraph& graph, const std::string& logits) {
  graph.node("LogSoftmax", {logits}, {"statistics"}, {{"axis", true, 1}});
  graph.node("ArgMax", {"statistics"}, {"action"}, {{"axis", true, 1}, {"keepdims", true, 0}});
}

void steer(const ExportedPolicy& p, OnnxGraph& graph, const std::string& out) {
  std::string mean = out;
  if (p.spread_from_network) {
    mean = "mean";
    graph.integers("halves", {p.actions, p.actions});
    graph.floats("log_std_scale", {}, {p.log_std_scale});
    graph.node("Split", {out, "halves"}, {"mean", "spread"}, {{"axis", true, 1}});
    graph.node("Mul", {"spread", "log_std_scale"}, {"log_std"});
  } else {
    graph.floats("policy.log_std", {1, p.actions}, p.log_std);
    graph.node("Shape", {mean}, {"sides"});
    graph.node("Expand", {"policy.log_std", "sides"}, {"log_std"});
  }
  graph.node("Concat", {mean, "log_std"}, {"statistics"}, {{"axis", true, 1}});
  graph.floats("action.low", {p.actions}, p.low);
  graph.floats("action.high", {p.actions}, p.high);
  graph.node("Max", {mean, "action.low"}, {"above"});
  graph.node("Min", {"above", "action.high"}, {"action"});
}

/// A row each: an observation, and what the policy says of it.
std::string parity_table(const ExportedPolicy& p) {
  std::string text;
  const auto features = static_cast<std::size_t>(p.observations), columns = static_cast<std::size_t>(p.statistics());
  for (std::size_t f = 0; f < features; ++f) text += "observation." + std::to_string(f) + ",";
  for (std::size_t c = 0; c < columns; ++c) text += "statistics." + std::to_string(c) + (c + 1 < columns ? "," : "\n");
  for (std::size_t k = 0; k < p.parity_observations.size() / features; ++k) {
    for (std::size_t f = 0; f < features; ++f) text += shortest(p.parity_observations[k * features + f]) + ",";
    for (std::size_t c = 0; c < columns; ++c)
      text += shortest(p.parity_statistics[k * columns + c]) + (c + 1 < columns ? "," : "\n");
  }
  return text;
}

}  // namespace

std::vector<std::string> write_onnx(const ExportedPolicy& p, const std::string& path) {
  OnnxGraph graph;
  graph.input("observation", p.observations);
  const std::string out = layers(p, graph, normalised(p, graph));
  if (p.discrete)
    choose(graph, out);
  else
    steer(p, graph, out);
  graph.output("statistics", p.statistics());
  graph.output("action", p.discrete ? -1 : p.actions);
  const fs::path check = fs::path(path).parent_path() / (fs::path(path).stem().string() + "_parity.csv");
  write_text(path, graph.model("policy", version(),
                               {{"format", "pigrad-policy"},
                                {"format_version", "1"},
                                {"environment", p.environment},
                                {"recipe", p.recipe},
                                {"epoch", std::to_string(p.epoch)},
                                {"actions", p.discrete ? "discrete" : "box"},
                                {"statistics", p.discrete ? "log_probabilities" : "mean,log_std"}}));
  write_text(check.string(), parity_table(p));
  return {path, check.string()};
}

}  // namespace pigrad::app
