#include "fill.hpp"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "number.hpp"

namespace pigrad {
namespace {

constexpr const char* activation_names[] = {"identity", "tanh", "relu", "elu", "sigmoid", "softplus"};

/// Reads the name before the comma at *names, and moves behind it.
bool next_activation(const char** names, PolicyActivation& activation) {
  size_t length = 0;
  while ((*names)[length] && (*names)[length] != ',') ++length;
  for (int k = 0; k < 6; ++k) {
    size_t same = 0;
    while (same < length && activation_names[k][same] == (*names)[same]) ++same;
    if (same < length || activation_names[k][length]) continue;
    activation = static_cast<PolicyActivation>(k);
    *names += length + ((*names)[length] ? 1 : 0);
    return true;
  }
  return false;
}

bool fits(uint64_t side) { return side >= 1 && side <= static_cast<uint64_t>(Policy::widest); }

PolicyTensor layer_tensor(const PolicySource& source, int layer, const char* part) {
  char name[32];
  snprintf(name, sizeof name, "policy.%d.%s", 2 * layer, part);
  return source.tensor(name);
}

/// Shapes and kinds, which say how much memory the policy takes. Null, or what is wrong.
const char* take_shapes(const PolicySource& source, PolicyAll& all) {
  char activations[512];
  if (!source.words("activations", activations, sizeof activations)) return "its metadata name no activations";
  for (const char* left = activations; *left; ++all.layer_count) {
    if (all.layer_count == PolicyAll::most_layers) return "it has more than 32 layers";
    PolicyAll::Layer& layer = all.layers[all.layer_count];
    if (!next_activation(&left, layer.activation)) return "it has an activation that this program does not know";
    const PolicyTensor weight = layer_tensor(source, all.layer_count, "weight");
    if (weight.sides != 2 || !fits(weight.side[0]) || !fits(weight.side[1]))
      return "a layer's weight is missing, or has no side or one above 2048";
    layer.outputs = static_cast<int>(weight.side[0]);
    layer.inputs = static_cast<int>(weight.side[1]);
    if (all.layer_count > 0 && all.layers[all.layer_count - 1].outputs != layer.inputs)
      return "its layers do not fit together";
  }
  if (all.layer_count == 0) return "its metadata name no activations";
  all.observations = all.layers[0].inputs;
  all.discrete = source.is("actions", "discrete");
  if (!all.discrete && !source.is("actions", "box")) return "its actions are neither discrete nor a box";
  return nullptr;
}

/// Where ln σ of a box action comes from.
struct Spread {
  PolicyTensor learned;
  bool fixed = false;
  double scale = 1;
};

const char* take_actions(const PolicySource& source, PolicyAll& all, Spread& spread) {
  const int outputs = all.layers[all.layer_count - 1].outputs;
  all.actions = outputs;
  if (all.discrete) return nullptr;
  spread.learned = source.tensor("policy.log_std");
  if (spread.learned.kind == PolicyTensor::Kind::none) spread.learned = source.tensor("policy.log_variance");
  spread.fixed = source.has("log_std");
  if (source.has("log_std_scale") && !source.numbers("log_std_scale", 1, &spread.scale))
    return "its log_std_scale is no number";
  all.spread_from_network = spread.learned.kind == PolicyTensor::Kind::none && !spread.fixed;
  all.log_std_scale = static_cast<float>(spread.scale);
  if (!all.spread_from_network) return nullptr;
  if (outputs % 2) return "its network puts out no mean and spread for each dimension";
  all.actions = outputs / 2;
  return nullptr;
}

/// Deals out what lies behind a PolicyAll.
class Room {
 public:
  explicit Room(void* begin) : at_(static_cast<unsigned char*>(begin)) {}
  template <class T>
  T* take(size_t count) {
    void* const here = at_;
    at_ += count * sizeof(T);
    return static_cast<T*>(here);
  }

 private:
  unsigned char* at_;
};

const char* take_normaliser(const PolicySource& source, bool checkpoint, const PolicyAll& all, double* mean,
                            double* inverse) {
  const auto n = static_cast<uint64_t>(all.observations);
  if (!checkpoint)
    return source.values(source.tensor("normaliser.mean"), n, mean) &&
                   source.values(source.tensor("normaliser.inverse"), n, inverse)
               ? nullptr
               : "its normaliser is not that of its observations";
  double epsilon = 0;
  auto* const moments = static_cast<double*>(malloc(3 * n * sizeof(double)));
  const bool right = moments && source.numbers("normaliser.epsilon", 1, &epsilon) &&
                     source.values(source.tensor("observation.moments"), 3 * n, moments);
  for (uint64_t f = 0; right && f < n; ++f) {
    mean[f] = moments[3 * f];
    inverse[f] = 1 / sqrt(moments[3 * f + 1] + epsilon);
  }
  free(moments);
  return right ? nullptr : "its normaliser is not that of its observations";
}

const char* take_box(const PolicySource& source, const Spread& spread, PolicyAll& all, float* log_std, float* low,
                     float* high) {
  const auto n = static_cast<size_t>(all.actions);
  auto* const ends = static_cast<double*>(malloc(n * sizeof(double)));
  if (!ends) return "there is no memory for it";
  const auto read = [&](const char* key, float* out) {
    if (!source.numbers(key, all.actions, ends)) return false;
    for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(ends[i]);
    return true;
  };
  const char* wrong = read("action.low", low) && read("action.high", high) ? nullptr : "its actions have no bounds";
  if (!wrong && spread.fixed && !read("log_std", log_std)) wrong = "its log_std is not that of its actions";
  if (!wrong && !spread.fixed && !all.spread_from_network) {
    if (!source.values(spread.learned, n, ends)) wrong = "its log_std is not that of its actions";
    for (size_t i = 0; !wrong && i < n; ++i) log_std[i] = static_cast<float>(spread.scale * ends[i]);
  }
  free(ends);
  return wrong;
}

/// Weights as [inputs×outputs], from a file's [outputs×inputs].
bool take_layer(const PolicySource& source, int l, const PolicyAll::Layer& layer, float* weight, float* bias) {
  const auto inputs = static_cast<size_t>(layer.inputs), outputs = static_cast<size_t>(layer.outputs);
  auto* const rows = static_cast<float*>(malloc(inputs * outputs * sizeof(float)));
  const bool right = rows && source.values(layer_tensor(source, l, "weight"), inputs * outputs, rows) &&
                     source.values(layer_tensor(source, l, "bias"), outputs, bias);
  for (size_t i = 0; right && i < outputs; ++i)
    for (size_t j = 0; j < inputs; ++j) weight[j * outputs + i] = rows[i * inputs + j];
  free(rows);
  return right;
}

size_t floats_of(const PolicyAll& all) {
  size_t floats = all.discrete ? 0 : 3 * static_cast<size_t>(all.actions);
  for (int l = 0; l < all.layer_count; ++l)
    floats += static_cast<size_t>(all.layers[l].outputs) * static_cast<size_t>(all.layers[l].inputs + 1);
  return floats;
}

const char* take_numbers(const PolicySource& source, bool checkpoint, const Spread& spread, PolicyAll& all,
                         bool normalised) {
  Room room(&all + 1);
  const char* wrong = nullptr;
  if (normalised) {
    auto* const mean = room.take<double>(static_cast<size_t>(all.observations));
    auto* const inverse = room.take<double>(static_cast<size_t>(all.observations));
    wrong = take_normaliser(source, checkpoint, all, mean, inverse);
    all.mean = mean;
    all.inverse = inverse;
  }
  if (!wrong && !all.discrete) {
    const auto n = static_cast<size_t>(all.actions);
    auto *const log_std = room.take<float>(n), *const low = room.take<float>(n), *const high = room.take<float>(n);
    wrong = take_box(source, spread, all, log_std, low, high);
    all.log_std = log_std;
    all.low = low;
    all.high = high;
  }
  for (int l = 0; !wrong && l < all.layer_count; ++l) {
    PolicyAll::Layer& layer = all.layers[l];
    auto* const weight = room.take<float>(static_cast<size_t>(layer.inputs) * static_cast<size_t>(layer.outputs));
    auto* const bias = room.take<float>(static_cast<size_t>(layer.outputs));
    if (!take_layer(source, l, layer, weight, bias))
      wrong = "a layer's numbers are missing, not finite, or not those of its shape";
    layer.weight = weight;
    layer.bias = bias;
  }
  return wrong;
}

}  // namespace

PolicyAll* filled_policy(const PolicySource& source, bool checkpoint, const char*& wrong) {
  PolicyAll shape{};
  Spread spread;
  wrong = take_shapes(source, shape);
  if (!wrong) wrong = take_actions(source, shape, spread);
  const bool normalised = source.has("normaliser.clip");
  if (!wrong && normalised && (!source.numbers("normaliser.clip", 1, &shape.clip) || !(shape.clip > 0)))
    wrong = "its normaliser.clip is no number above 0";
  if (wrong) return nullptr;
  const size_t doubles = normalised ? 2 * static_cast<size_t>(shape.observations) : 0;
  auto* const all =
      static_cast<PolicyAll*>(malloc(sizeof shape + doubles * sizeof(double) + floats_of(shape) * sizeof(float)));
  if (!all) {
    wrong = "there is no memory for it";
    return nullptr;
  }
  *all = shape;
  wrong = take_numbers(source, checkpoint, spread, *all, normalised);
  if (!wrong) return all;
  free(all);
  return nullptr;
}

}  // namespace pigrad
