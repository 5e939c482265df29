#include "policy.hpp"

#include <math.h>
#include <stdlib.h>

#include "all.hpp"

namespace pigrad {
namespace {

void activate(PolicyActivation activation, int count, float* x) {
  switch (activation) {
    case PolicyActivation::identity:
      return;
    case PolicyActivation::tanh:
      for (int i = 0; i < count; ++i) x[i] = tanhf(x[i]);
      return;
    case PolicyActivation::relu:
      for (int i = 0; i < count; ++i) x[i] = x[i] > 0 ? x[i] : 0;
      return;
    case PolicyActivation::elu:
      for (int i = 0; i < count; ++i) x[i] = x[i] > 0 ? x[i] : expm1f(x[i]);
      return;
    case PolicyActivation::sigmoid:
      for (int i = 0; i < count; ++i) x[i] = 1 / (1 + expf(-x[i]));
      return;
    case PolicyActivation::softplus:
      for (int i = 0; i < count; ++i) x[i] = x[i] > 20 ? x[i] : log1pf(expf(x[i]));
      return;
  }
}

void log_softmax(int count, float* x) {
  float most = x[0], sum = 0;
  for (int i = 1; i < count; ++i) most = x[i] > most ? x[i] : most;
  for (int i = 0; i < count; ++i) sum += expf(x[i] - most);
  for (int i = 0; i < count; ++i) x[i] = x[i] - most - logf(sum);
}

/// In (0, 1).
float uniform(uint64_t& seed) {
  uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (static_cast<float>((z ^ (z >> 31)) >> 41) + 0.5f) * (1.0f / 8388608.0f);
}

float bounded(float x, float low, float high) { return x < low ? low : (x > high ? high : x); }

}  // namespace

Policy& Policy::operator=(Policy&& other) noexcept {
  PolicyAll* const mine = all_;
  all_ = other.all_;
  other.all_ = mine;
  return *this;
}

Policy::~Policy() { free(all_); }

int Policy::observations() const { return all_->observations; }
int Policy::actions() const { return all_->actions; }
bool Policy::discrete() const { return all_->discrete; }

void Policy::say(const float* obs, float* out) const {
  float panels[2][widest];
  const PolicyAll& p = *all_;
  float* x = panels[0];
  for (int f = 0; f < p.observations; ++f) {
    x[f] = obs[f];
    if (!p.mean) continue;
    const double centred = (static_cast<double>(obs[f]) - p.mean[f]) * p.inverse[f];
    x[f] = static_cast<float>(centred < -p.clip ? -p.clip : (centred > p.clip ? p.clip : centred));
  }
  for (int l = 0; l < p.layer_count; ++l) {
    const PolicyAll::Layer& layer = p.layers[l];
    float* y = x == panels[0] ? panels[1] : panels[0];
    for (int i = 0; i < layer.outputs; ++i) y[i] = layer.bias[i];
    for (int j = 0; j < layer.inputs; ++j) {
      const float* weight = layer.weight + static_cast<ptrdiff_t>(j) * layer.outputs;
      for (int i = 0; i < layer.outputs; ++i) y[i] += weight[i] * x[j];
    }
    activate(layer.activation, layer.outputs, y);
    x = y;
  }
  for (int i = 0; i < p.actions; ++i) out[i] = x[i];
  if (p.discrete) return log_softmax(p.actions, out);
  for (int i = 0; i < p.actions; ++i)
    out[p.actions + i] = p.spread_from_network ? p.log_std_scale * x[p.actions + i] : p.log_std[i];
}

int Policy::act(const float* obs, float* action) const {
  float says[2 * widest];
  say(obs, says);
  const PolicyAll& p = *all_;
  int best = 0;
  for (int i = 0; i < p.actions; ++i) {
    if (!p.discrete)
      action[i] = bounded(says[i], p.low[i], p.high[i]);
    else if (says[i] > says[best])
      best = i;
  }
  return best;
}

int Policy::sample(const float* obs, uint64_t& seed, float* action) const {
  float says[2 * widest];
  say(obs, says);
  const PolicyAll& p = *all_;
  if (p.discrete) {
    float left = uniform(seed);
    for (int i = 0; i + 1 < p.actions; ++i)
      if ((left -= expf(says[i])) < 0) return i;
    return p.actions - 1;
  }
  for (int i = 0; i < p.actions; ++i) {
    const float radius = sqrtf(-2 * logf(uniform(seed)));
    const float z = radius * cosf(6.2831853f * uniform(seed));
    action[i] = bounded(says[i] + expf(says[p.actions + i]) * z, p.low[i], p.high[i]);
  }
  return 0;
}

}  // namespace pigrad
