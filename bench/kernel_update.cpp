#include "kernel_update.hpp"

#include <algorithm>
#include <pigrad/core/ops.hpp>

#include "eigen_update.hpp"

namespace pigrad::bench {

template <class T>
KernelUpdate<T>::KernelUpdate(const UpdateModel& model, const UpdateView<T>& data)
    : start_(model.initial<T>()),
      gradient_(start_.size()),
      parameters_(model.layout),
      data_(data),
      backend_(find_backend<T>()) {
  constexpr std::size_t panels = 2 * 2 * (2 * depth * UpdateShape::hidden);
  arena_.reserve(panels * block);
  build(actor_, model.actor);
  build(critic_, model.critic);
  reset();
}

template <class T>
void KernelUpdate<T>::build(Network& network, const Mlp& mlp) {
  const auto panel = [&](int columns) {
    Panel<T> p{arena_.data() + used_, nullptr, block, 1};
    used_ += static_cast<std::size_t>(columns) * block;
    return p;
  };
  const auto* fusion = backend_.fusion(op_of<Affine>(), op_of<Tanh>());
  Panel<T> in, in_bar;
  int offset = mlp.range().begin;
  for (int l = 0; l < depth; ++l) {
    Layer& layer = network.layers[static_cast<std::size_t>(l)];
    const int k = mlp.layers()[static_cast<std::size_t>(l)].inputs(),
              n = mlp.layers()[static_cast<std::size_t>(l)].outputs();
    const bool last = l + 1 == depth;
    layer.fused = fusion && !last;
    layer.hidden = layer.fused ? fusion->kernels : backend_.kernels(op_of<Affine>());
    Call<T> c;
    c.columns = n;
    c.shapes[0] = Shape::batch(k), c.shapes[1] = {n, k}, c.shapes[2] = {1, n};
    c.matrix = &backend_.matrix;
    c.in[0] = in;
    c.in[1] = {parameters_.data() + offset, nullptr, 1, k};
    c.in[2] = {parameters_.data() + offset + n * k, nullptr, 1, 0};
    c.out = panel(n);
    layer.forward = c;
    c.out_bar = panel(n);
    c.in_bar[0] = in_bar;
    c.fresh[0] = true;
    c.in_bar[1] = {gradient_.data() + offset, nullptr, 1, k};
    c.in_bar[2] = {gradient_.data() + offset + n * k, nullptr, 1, 0};
    if (layer.fused) c.inner_bar = panel(n);
    if (l > 0 && fusion && fusion->through) {
      c.through = fusion->through;
      c.in_bar[0] = network.layers[static_cast<std::size_t>(l - 1)].vjp.inner_bar;
      network.layers[static_cast<std::size_t>(l - 1)].vjp.inner_ready = true;
    }
    layer.vjp = c;
    in = c.out, in_bar = c.out_bar;
    offset += n * (k + 1);
    if (layer.fused || last) continue;
    Call<T> t;
    t.columns = n;
    t.shapes[0] = Shape::batch(n);
    t.in[0] = c.out;
    t.out = panel(n);
    layer.tanh_forward = t;
    t.in_bar[0] = c.out_bar;
    t.out_bar = panel(n);
    t.fresh[0] = op_of<Tanh>().assigns;
    layer.tanh_vjp = t;
    in = t.out, in_bar = t.out_bar;
  }
  network.y = network.layers.back().forward.out;
  network.y_bar = network.layers.back().vjp.out_bar;
}

template <class T>
void KernelUpdate<T>::forward(Network& network, int begin, int rows) const {
  const Panel<T> x{const_cast<T*>(data_.obs) + begin, nullptr, data_.rows, 1};
  network.layers[0].forward.in[0] = network.layers[0].vjp.in[0] = x;
  const KernelPair<T> tanh = backend_.kernels(op_of<Tanh>());
  for (Layer& layer : network.layers) {
    layer.forward.rows = layer.vjp.rows = layer.tanh_forward.rows = layer.tanh_vjp.rows = rows;
    layer.hidden.forward(layer.forward);
    if (layer.tanh_forward.out) tanh.forward(layer.tanh_forward);
  }
}

template <class T>
void KernelUpdate<T>::backward(Network& network) const {
  const KernelPair<T> tanh = backend_.kernels(op_of<Tanh>());
  for (auto layer = network.layers.rbegin(); layer != network.layers.rend(); ++layer) {
    if (const Call<T>& t = layer->tanh_vjp; t.out) {
      if (!t.fresh[0]) std::fill_n(t.in_bar[0].value, t.columns * block, T(0));
      tanh.vjp(t);
    }
    layer->hidden.vjp(layer->vjp);
  }
}

template <class T>
void KernelUpdate<T>::reset() {
  std::copy(start_.begin(), start_.end(), parameters_.data());
  parameters_.touch();
  OptimiserSettings settings = OptimiserSettings::of("adam");
  settings.learning_rate = UpdateShape::learning_rate;
  adam_ = make_optimiser<T>(settings, {0, parameters_.size()});
}

template <class T>
void KernelUpdate<T>::gradient(T* out) {
  std::fill(gradient_.begin(), gradient_.end(), T(0));
  for (int begin = 0; begin < data_.rows; begin += block) {
    const int rows = std::min(block, data_.rows - begin);
    forward(actor_, begin, rows);
    actor_head(rows, data_.rows, actor_.y.value, actor_.y_bar.value, block, data_.action + begin,
               data_.advantage + begin);
    backward(actor_);
    forward(critic_, begin, rows);
    critic_head(rows, data_.rows, critic_.y.value, critic_.y_bar.value, data_.target + begin);
    backward(critic_);
  }
  if (out) std::copy(gradient_.begin(), gradient_.end(), out);
}

template <class T>
void KernelUpdate<T>::parameters(T* out) const {
  std::copy_n(parameters_.data(), parameters_.size(), out);
}

template <class T>
void KernelUpdate<T>::step() {
  gradient(nullptr);
  adam_->step(parameters_, gradient_.data());
}

template class KernelUpdate<float>;
template class KernelUpdate<double>;

}  // namespace pigrad::bench
