#pragma once
#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

template <class S>
Panel<S> transposed(Panel<S> p) {
  std::swap(p.column_stride, p.row_stride);
  return p;
}

template <class T>
View<const T> readable(const View<T>& v) {
  return {v.data, v.column_stride, v.row_stride};
}

/// y = x wᵀ + b on the backend's kernels; b may be absent. In duals
/// ẏ = ẋ wᵀ + x ẇᵀ + ḃ, each plane by the same real kernel.
template <class S>
void product_forward(const Call<S>& call, const Panel<S>& w, const Panel<S>& b) {
  const int k = call.shapes[0].columns, n = call.columns;
  const auto& x = call.in[0];
  const auto& m = *call.matrix;
  m.affine(call.rows, k, n, readable(x.values()), readable(w.values()), readable(b.values()), call.out.values(), false);
  if constexpr (is_dual<S>) {
    m.affine(call.rows, k, n, readable(x.tangents()), readable(w.values()), readable(b.tangents()), call.out.tangents(),
             false);
    m.affine(call.rows, k, n, readable(x.values()), readable(w.tangents()), {}, call.out.tangents(), true);
  }
}

/// out[i] += ȳᵢ · (V xᵢ), V a matrix laid out as the weight: the product of every sample's own gradient with V, by the
/// backend's kernels, some outputs and rows at a time.
template <class T>
void product_dots(const Call<T>& call, const T* v, bool flip, T* out) {
  constexpr int tile = 96, chunk = 16;
  alignas(64) T along[tile * chunk];
  const int k = call.shapes[0].columns, n = call.columns;
  const Panel<T>&x = call.in[0], &y_bar = call.out_bar;
  for (int begin = 0; begin < call.rows; begin += tile) {
    const int count = call.rows - begin < tile ? call.rows - begin : tile;
    const View<const T> rows{x.value + x.at(0, begin), x.column_stride, x.row_stride};
    for (int first = 0; first < n; first += chunk) {
      const int outputs = n - first < chunk ? n - first : chunk;
      const View<const T> part = flip ? View<const T>{v + first, n, 1} : View<const T>{v + first * k, 1, k};
      call.matrix->affine(count, k, outputs, rows, part, {}, View<T>{along, tile, 1}, false);
      for (int i = 0; i < outputs; ++i) {
        const T* y = y_bar.value + y_bar.at(first + i, begin);
        const T* u = along + i * tile;
        if (y_bar.row_stride == 1)
          for (int r = 0; r < count; ++r) out[begin + r] += y[r] * u[r];
        else
          for (int r = 0; r < count; ++r) out[begin + r] += y[r * y_bar.row_stride] * u[r];
      }
    }
  }
}

/// Every sample's own gradient of one operand of a product: gᵢ = ȳᵢ xᵢᵀ for the weight, ȳᵢ for the bias.
/// Written out in full to `lifted`, or, without forming it, as ‖gᵢ‖² = ‖ȳᵢ‖² ‖xᵢ‖² (Goodfellow 2015) or gᵢ·v (see
/// product_dots).
/// @param flip the operand is stored [K×N], as matmul's right side, not [N×K]
template <class T>
void product_samples(const Call<T>& call, int operand, bool with_x, bool flip) {
  using Kind = typename SampleTarget<T>::Kind;
  constexpr int tile = 32;
  const int k = with_x ? call.shapes[0].columns : 1, n = call.columns;
  const SampleTarget<T>& target = call.sample[operand];
  const auto x = [&](int j, int r) { return with_x ? call.in[0].get(j, r) : T(1); };
  if (const Panel<T>& lifted = call.lifted[operand])
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < k; ++j)
        for (int r = 0; r < call.rows; ++r)
          lifted.add(flip ? j * n + i : i * k + j, r, call.out_bar.get(i, r) * x(j, r));
  if (target.kind == Kind::none) return;
  if (target.kind == Kind::dot) {
    if (with_x) return product_dots(call, target.vector, flip, target.out);
    for (int i = 0; i < n; ++i)
      for (int r = 0; r < call.rows; ++r) target.out[r] += target.vector[i] * call.out_bar.get(i, r);
    return;
  }
  for (int begin = 0; begin < call.rows; begin += tile) {
    const int count = call.rows - begin < tile ? call.rows - begin : tile;
    T y2[tile] = {}, x2[tile] = {};
    for (int j = 0; j < k; ++j)
      for (int r = 0; r < count; ++r) x2[r] += x(j, begin + r) * x(j, begin + r);
    for (int i = 0; i < n; ++i)
      for (int r = 0; r < count; ++r) {
        const T y = call.out_bar.get(i, begin + r);
        y2[r] += y * y;
      }
    for (int r = 0; r < count; ++r) target.out[begin + r] += y2[r] * x2[r];
  }
}

/// x̄ += ȳ w, w̄ += ȳᵀ x, b̄ += Σ ȳ. In duals x̄̇ = ȳ̇ w + ȳ ẇ and w̄̇ = ȳ̇ᵀ x + ȳᵀ ẋ.
/// @param flip w is the transpose of operand 1
template <class S>
void product_vjp(const Call<S>& call, const Panel<S>& w, const Panel<S>& w_bar, const Panel<S>& b_bar, bool flip) {
  const int k = call.shapes[0].columns, n = call.columns;
  const auto& m = *call.matrix;
  const auto& x = call.in[0];
  const auto& y_bar = call.out_bar;
  if constexpr (!is_dual<S>) {
    product_samples(call, 1, true, flip);
    product_samples(call, 2, false, false);
  }
  if (w_bar || b_bar) {
    m.weight_vjp(call.rows, k, n, readable(y_bar.values()), readable(x.values()), w_bar.values(), b_bar.values());
    if constexpr (is_dual<S>) {
      m.weight_vjp(call.rows, k, n, readable(y_bar.tangents()), readable(x.values()), w_bar.tangents(),
                   b_bar.tangents());
      if (w_bar) m.weight_vjp(call.rows, k, n, readable(y_bar.values()), readable(x.tangents()), w_bar.tangents(), {});
    }
  }
  if (call.through) {
    call.through(call.rows, k, n, readable(y_bar.values()), readable(w.values()), readable(x.values()),
                 call.in_bar[0].values());
  } else if (const auto& x_bar = call.in_bar[0]) {
    m.input_vjp(call.rows, k, n, readable(y_bar.values()), readable(w.values()), x_bar.values(), !call.fresh[0]);
    if constexpr (is_dual<S>) {
      m.input_vjp(call.rows, k, n, readable(y_bar.tangents()), readable(w.values()), x_bar.tangents(), !call.fresh[0]);
      m.input_vjp(call.rows, k, n, readable(y_bar.values()), readable(w.tangents()), x_bar.tangents(), true);
    }
  }
}

}  // namespace pigrad
