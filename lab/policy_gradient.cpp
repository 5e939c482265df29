#include "policy_gradient.hpp"

#include <cmath>

#include "../core/conjugate_gradients.hpp"
#include "curvature.hpp"
#include "noise.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

PolicyGradient policy_gradient(const OnPolicy<double>& policy, const State& state, const TrainSettings& settings,
                               const Rollout<double>& rollout, const std::vector<double>* weight, bool per_sample) {
  PolicyGradient g;
  const int count = rollout.rows();
  const auto size = at(policy.layout().size());
  g.log_prob = rollout.log_prob;
  if (weight) {
    g.psi = *weight;
  } else {
    Estimates<double> estimates(settings, policy.agent());
    estimates.load(state.widened());
    estimates.begin(rollout);
    estimates.find_returns(1);
    estimates.find_advantages(1, false);
    g.psi = estimates.advantages();
    g.value = estimates.value();
    std::vector<char> learns(at(count));
    for (const std::int32_t row : estimates.rows()) learns[at(row)] = 1;
    for (int t = 0; t < count; ++t)
      if (!learns[at(t)]) g.psi[at(t)] = 0;
  }
  const Program program = score_program(policy.agent());
  Workspace<double> workspace(program);
  Bindings<double> b(program);
  b.parameters(policy.agent().parameters().data());
  b.rows(count);
  b.input("obs", rollout.obs.data(), count);
  b.input("weight", g.psi.data(), count);
  if (rollout.action_size == 0)
    b.index("action", rollout.index.data());
  else
    b.input("action", rollout.action.data(), count);
  g.mean.resize(size);
  g.norms.resize(at(count));
  workspace.run(b, Sink<double>::sum(g.mean.data()));

  std::vector<Layer> layers;
  for (const Layer& layer : layers_of(policy.layout()))
    if (layer.range.begin < policy.agent().policy_range().end) layers.push_back(layer);
  layers.push_back({"all", policy.agent().policy_range()});
  for (const Layer& layer : layers) g.layers.push_back({layer.name, 0, 0, 0});
  std::vector<int> directed(layers.size());
  if (per_sample) g.rows.resize(at(count) * size);
  std::vector<double> one(size);
  for (int t = 0; t < count; ++t) {
    Bindings<double> row = b;
    row.rows(1);
    const std::int32_t chosen = t;
    row.order(&chosen);
    workspace.run(row, Sink<double>::sum(one.data()));
    if (per_sample) std::copy(one.begin(), one.end(), g.rows.begin() + static_cast<std::ptrdiff_t>(at(t) * size));
    for (std::size_t i = 0; i < layers.size(); ++i) {
      double own = 0, with = 0, mean = 0;
      for (int k = layers[i].range.begin; k < layers[i].range.end; ++k) {
        own += one[at(k)] * one[at(k)];
        with += one[at(k)] * g.mean[at(k)];
        mean += g.mean[at(k)] * g.mean[at(k)];
      }
      g.layers[i].norm = std::sqrt(mean);
      g.layers[i].mean_norm += std::sqrt(own) / count;
      if (own > 0 && mean > 0) g.layers[i].mean_cosine += with / std::sqrt(own * mean), ++directed[i];
      if (i + 1 == layers.size()) g.norms[at(t)] = std::sqrt(own);
    }
  }
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (directed[i] > 0) g.layers[i].mean_cosine /= directed[i];
  return g;
}

}  // namespace pigrad
