#include "network_file.hpp"

#include <algorithm>
#include <map>

#include "../../core/error.hpp"
#include "../../core/whole_text.hpp"

namespace pigrad::app {
namespace {

constexpr const char* weight_end = ".weight";

/// "actor." and 2 of "actor.2.weight"; false if the name has no number there.
bool numbered(const std::string& tensor, std::string& before, int& number) {
  if (!tensor.ends_with(weight_end)) return false;
  const std::string layer = tensor.substr(0, tensor.size() - std::string(weight_end).size());
  const auto dot = layer.rfind('.');
  before = dot == std::string::npos ? "" : layer.substr(0, dot + 1);
  return whole_text(layer.substr(before.size()), number) && number >= 0;
}

bool add_layer(const TensorFile& file, const std::string& layer, FoundNetwork& network) {
  FoundNetwork::Layer found{layer + ".weight", layer + ".bias"};
  if (!file.contains(found.weight) || !file.contains(found.bias)) return false;
  const TensorShape& weight = file.find(found.weight).shape;
  if (weight.size() != 2 || weight[0] < 1 || weight[1] < 1 || weight[0] > 1 << 24 || weight[1] > 1 << 24) return false;
  if (file.find(found.bias).shape != TensorShape{weight[0]}) return false;
  found.outputs = static_cast<int>(weight[0]);
  found.inputs = static_cast<int>(weight[1]);
  if (!network.layers.empty() && network.layers.back().outputs != found.inputs) return false;
  network.layers.push_back(found);
  return true;
}

std::string find_log_std(const TensorFile& file, const std::string& before) {
  for (const std::string& name : {before + "log_std", before + "logstd", std::string("log_std"), std::string("logstd"),
                                  std::string("actor_logstd"), std::string("actor_log_std")})
    if (file.contains(name)) return name;
  return "";
}

std::string describe(const FoundNetwork& network) {
  std::string text = "\"" + network.name + "\" (" + std::to_string(network.layers.front().inputs);
  for (const auto& layer : network.layers) text += "-" + std::to_string(layer.outputs);
  return text + ")";
}

int rank(const std::string& name) {
  static const std::vector<std::string> known = {"policy", "actor", "pi", "action"};
  for (std::size_t i = 0; i < known.size(); ++i)
    if (name.find(known[i]) != std::string::npos) return static_cast<int>(i);
  return static_cast<int>(known.size());
}

}  // namespace

std::vector<FoundNetwork> networks_in(const TensorFile& file) {
  std::map<std::string, std::vector<int>> numbers;
  for (const TensorFile::Entry& entry : file.entries()) {
    std::string before;
    int number = 0;
    if (numbered(entry.name, before, number)) numbers[before].push_back(number);
  }
  std::vector<FoundNetwork> networks;
  for (auto& [before, layers] : numbers) {
    std::sort(layers.begin(), layers.end());
    FoundNetwork network;
    network.name = before;
    bool fits = true;
    for (const int number : layers) fits = fits && add_layer(file, before + std::to_string(number), network);
    if (before == "mlp_extractor.policy_net.") fits = fits && add_layer(file, "action_net", network);
    if (before == "mlp_extractor.value_net.") fits = fits && add_layer(file, "value_net", network);
    if (!fits) continue;
    network.log_std = find_log_std(file, before);
    networks.push_back(network);
  }
  return networks;
}

FoundNetwork policy_in(const TensorFile& file, int features, int actions, bool discrete, const std::string& name) {
  const std::vector<FoundNetwork> networks = networks_in(file);
  std::vector<FoundNetwork> fit;
  std::string all;
  for (const FoundNetwork& n : networks) {
    all += (all.empty() ? "" : ", ") + describe(n);
    if (!name.empty() && n.name != name && n.name != name + ".") continue;
    if (n.layers.front().inputs == features && n.layers.back().outputs == actions) fit.push_back(n);
  }
  const std::string wanted =
      std::to_string(features) + " features to " + std::to_string(actions) + (discrete ? " choices" : " dimensions");
  if (networks.empty())
    throw Error(file.where(), "it holds no layers named NUMBER.weight and NUMBER.bias, as PyTorch's Sequential does",
                "give the state_dict of a plain multi-layer perceptron");
  if (fit.empty())
    throw Error(file.where(),
                "no network in it goes from " + wanted + "; it has " + all +
                    (name.empty() ? "" : ", and \"" + name + "\" was asked for"),
                "give the environment that it was trained in");
  std::stable_sort(fit.begin(), fit.end(),
                   [](const FoundNetwork& a, const FoundNetwork& b) { return rank(a.name) < rank(b.name); });
  if (fit.size() > 1 && rank(fit[0].name) == rank(fit[1].name))
    throw Error(file.where(), "several networks in it go from " + wanted + ": " + all, "name one with --network");
  return fit.front();
}

}  // namespace pigrad::app
