#include "noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pigrad {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

std::string layer_name(const std::string& segment) {
  for (const char* end : {".weight", ".bias"})
    if (segment.ends_with(end)) return segment.substr(0, segment.rfind('.'));
  return segment;
}

}  // namespace

std::vector<Layer> layers_of(const ParameterLayout& layout) {
  std::vector<Layer> layers;
  for (const Segment& s : layout.segments()) {
    const std::string name = layer_name(s.name);
    if (layers.empty() || layers.back().name != name) layers.push_back({name, {s.offset, s.offset}});
    layers.back().range.end = s.offset + s.size();
  }
  return layers;
}

double GradientNoise::snr() const { return signal / (trace / estimates); }
double GradientNoise::noise_scale() const { return signal > 0 ? trace / signal : nothing; }

NoiseMeter::NoiseMeter(std::vector<Layer> layers, int size)
    : layers_(std::move(layers)), sums_(layers_.size()), total_(static_cast<std::size_t>(size)) {
  for (const Layer& layer : layers_)
    span_ = {span_.size() == 0 ? layer.range.begin : std::min(span_.begin, layer.range.begin),
             std::max(span_.end, layer.range.end)};
  begin();
}

void NoiseMeter::begin() {
  count_ = 0;
  std::fill(total_.begin(), total_.end(), 0.0);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    sums_[i].squares = sums_[i].directed = 0;
    sums_[i].units.assign(static_cast<std::size_t>(layers_[i].range.size()), 0.0);
  }
}

template <class T>
void NoiseMeter::add(const T* gradient) {
  ++count_;
  for (int k = span_.begin; k < span_.end; ++k) total_[static_cast<std::size_t>(k)] += static_cast<double>(gradient[k]);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const T* g = gradient + layers_[i].range.begin;
    Sums& sums = sums_[i];
    double squares = 0;
    for (std::size_t k = 0; k < sums.units.size(); ++k)
      squares += static_cast<double>(g[k]) * static_cast<double>(g[k]);
    sums.squares += squares;
    if (squares == 0) continue;
    ++sums.directed;
    const double scale = 1 / std::sqrt(squares);
    for (std::size_t k = 0; k < sums.units.size(); ++k) sums.units[k] += scale * static_cast<double>(g[k]);
  }
}
template void NoiseMeter::add(const float*);
template void NoiseMeter::add(const double*);

GradientNoise NoiseMeter::of(std::size_t layer) const {
  const Sums& sums = sums_[layer];
  const ParameterRange range = layers_[layer].range;
  GradientNoise noise;
  noise.estimates = count_;
  const double b = count_, n = sums.directed;
  double squares = 0, units = 0;
  for (int k = range.begin; k < range.end; ++k) {
    const double mean = total_[static_cast<std::size_t>(k)] / b;
    squares += mean * mean;
  }
  for (const double u : sums.units) units += u * u;
  noise.norm = std::sqrt(squares);
  noise.trace = count_ < 2 ? nothing : b / (b - 1) * (sums.squares / b - squares);
  noise.signal = squares - noise.trace / b;
  noise.cosine = sums.directed < 2 ? nothing : (units - n) / (n * (n - 1));
  return noise;
}

std::vector<double> NoiseMeter::mean() const {
  std::vector<double> mean = total_;
  for (double& x : mean) x /= count_;
  return mean;
}

}  // namespace pigrad
