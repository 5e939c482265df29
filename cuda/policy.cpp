#include "policy.hpp"

#include <algorithm>

#include "activation.cuh"

namespace pigrad {
template <class T>
std::optional<DevicePolicy> device_policy(const Agent<T>& agent) {
  const Program& program = agent.acting();
  const Distribution& distribution = agent.distribution();
  DevicePolicy policy;
  policy.discrete = distribution.discrete();
  policy.actions = distribution.actions();
  policy.width = std::max(agent.observation_size(), distribution.statistics_columns());
  int last = program.inputs()[static_cast<std::size_t>(program.input("obs"))].node;
  for (int id = last + 1; id < static_cast<int>(program.nodes().size()); ++id) {
    const Node& n = program.node(id);
    if (n.kind != NodeKind::op || !n.used || n.operands[0] != last) continue;
    if (const DeviceActivation activation = activation_of(*n.op); activation != DeviceActivation::none) {
      if (policy.count == 0 || policy.layers[policy.count - 1].activation != DeviceActivation::none) return {};
      policy.layers[policy.count - 1].activation = activation;
    } else if (n.op == &op_of<Affine>()) {
      const Node &w = program.node(n.operands[1]), &b = program.node(n.operands[2]);
      if (policy.count == DevicePolicy::most_layers || w.kind != NodeKind::parameter || b.kind != NodeKind::parameter)
        return {};
      policy.layers[policy.count++] = {w.shape.columns, w.shape.rows, w.slot, b.slot, DeviceActivation::none};
      policy.width = std::max(policy.width, w.shape.rows);
      policy.weights += w.shape.rows * (w.shape.columns + 1);
    } else {
      break;
    }
    last = id;
  }
  if (policy.count == 0 || policy.layers[policy.count - 1].activation != DeviceActivation::none ||
      policy.layers[policy.count - 1].outputs != distribution.network_outputs())
    return {};
  if (policy.discrete && distribution.settings().log_prob != "log_softmax") return {};
  if (!policy.discrete && distribution.settings().spread == "state") return {};
  return policy;
}

template std::optional<DevicePolicy> device_policy(const Agent<float>&);
template std::optional<DevicePolicy> device_policy(const Agent<double>&);

}  // namespace pigrad
