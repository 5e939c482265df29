#include "packed_weights.hpp"

#include "ops/affine.hpp"

namespace pigrad {

template <class T>
PackedWeights<T>::PackedWeights(const Program& program, const Backend<T>& backend)
    : backend_(&backend), at_(program.nodes().size(), -1) {
  if (!backend.pack) return;
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const Node& n = program.nodes()[i];
    if (n.op != &op_of<Affine>() || !n.used || !n.shape.is_batch()) continue;
    const Node& weight = program.node(n.operands[1]);
    if (weight.kind != NodeKind::parameter) continue;
    const Layer layer{weight.slot, weight.shape.columns, weight.shape.rows, size_};
    at_[i] = layer.at;
    layers_.push_back(layer);
    size_ += layer.k * Backend<T>::packed_ld(layer.n);
  }
}

/// A glance at both ends of every weight, should somebody have written to them without touch().
template <class T>
bool PackedWeights<T>::holds(const T* parameters) const {
  for (const Layer& l : layers_) {
    const T *w = parameters + l.slot, *packed = packed_.data() + l.at;
    const std::ptrdiff_t last = (l.k - 1) * Backend<T>::packed_ld(l.n) + l.n - 1;
    if (packed[0] != w[0] || packed[last] != w[l.n * l.k - 1]) return false;
  }
  return true;
}

template <class T>
bool PackedWeights<T>::ready(int rows, const T* parameters, std::uint64_t version) {
  constexpr int often = 3;
  if (version == 0 || rows > backend_->few_rows || layers_.empty()) return false;
  if (seen_ != version) {
    seen_ = version;
    served_before_ = served_;
    served_ = 0;
  }
  served_ += served_ < often;
  if (from_ == parameters && version_ == version && holds(parameters)) return true;
  if (served_ < often && served_before_ < often) return false;
  packed_.reserve(static_cast<std::size_t>(size_));
  for (const Layer& l : layers_)
    backend_->pack(l.k, l.n, parameters + l.slot, packed_.data() + l.at, Backend<T>::packed_ld(l.n));
  from_ = parameters;
  version_ = version;
  return true;
}

template class PackedWeights<float>;
template class PackedWeights<double>;

}  // namespace pigrad
