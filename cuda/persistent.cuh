#pragma once
#include "../core/ops/list.hpp"
#include "persistent.hpp"
#include "product.cuh"
#include "sample.cuh"
#include "step_copy.cuh"

namespace pigrad {

namespace detail {

constexpr int persistent_threads = 256;

/// A rollout of some copies: the policy's layers by all threads, then a thread a copy samples, steps and stores. Sums
/// run as in product(): the same bits.
template <class Env, class T>
struct PersistentRollout {
  static constexpr int tile = persistent_copies, groups = persistent_threads / tile, wide = 8;

  PersistentCall<T> call;
  StepCopy<Env, T> step;
  PersistentShared<T> shared;
  int begin, end;  ///< copies

  PIGRAD_HD void operator()(const Block& block) const {
    T *x = block.shared<T>(), *y = x + shared.panel, *weights = y + shared.panel;
    const int first = begin + static_cast<int>(block.index()) * tile;
    const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(call.steps) * call.copies;
    block.each([&](int thread) {
      if (shared.resident) take_weights(thread, weights);
      for (int i = thread; i < call.features * tile; i += persistent_threads) {
        const int f = i / tile, c = i % tile;
        x[i] = first + c < end ? call.obs[f * rows + first + c] : T(0);
      }
    });
    for (int t = 0; t < call.steps; ++t) {
      const T* w = weights;
      for (int l = 0; l < call.policy.count; ++l) {
        const DeviceLayer layer = call.policy.layers[l];
        block.each([&](int thread) { apply(thread, layer, w, x, y); });
        w += layer.outputs * (layer.inputs + 1);
        swap(x, y);
      }
      block.each([&](int thread) {
        if (thread < tile && first + thread < end) act(t, first + thread, thread, x, y, rows);
      });
      swap(x, y);
    }
  }

 private:
  PIGRAD_HD static void swap(T*& a, T*& b) {
    T* const kept = a;
    a = b, b = kept;
  }

  /// Layer by layer: wᵀ [inputs × outputs], then b.
  PIGRAD_HD void take_weights(int thread, T* to) const {
    for (int l = 0; l < call.policy.count; ++l) {
      const DeviceLayer layer = call.policy.layers[l];
      const int size = layer.inputs * layer.outputs;
      for (int i = thread; i < size; i += persistent_threads)
        to[i % layer.inputs * layer.outputs + i / layer.inputs] = call.parameters[layer.weight + i];
      for (int n = thread; n < layer.outputs; n += persistent_threads) to[size + n] = call.parameters[layer.bias + n];
      to += size + layer.outputs;
    }
  }

  PIGRAD_HD void apply(int thread, const DeviceLayer& layer, const T* w, const T* in, T* out) const {
    const int c = thread % tile, outputs = layer.outputs;
    const T* bias = shared.resident ? w + layer.inputs * outputs : call.parameters + layer.bias;
    const T* from = shared.resident ? w : call.parameters + layer.weight;
    const std::ptrdiff_t k_stride = shared.resident ? outputs : 1, n_stride = shared.resident ? 1 : layer.inputs;
    for (int n0 = thread / tile * wide; n0 < outputs; n0 += groups * wide) {
      T sums[wide];
      for (int n = 0; n < wide; ++n) sums[n] = n0 + n < outputs ? bias[n0 + n] : T(0);
      for (int k = 0; k < layer.inputs; ++k) {
        const T v = in[k * tile + c];
        for (int n = 0; n < wide; ++n)
          if (n0 + n < outputs) sums[n] = multiply_add(v, from[k * k_stride + (n0 + n) * n_stride], sums[n]);
      }
      for (int n = 0; n < wide; ++n)
        if (n0 + n < outputs) out[(n0 + n) * tile + c] = activate(layer.activation, sums[n]);
    }
  }

  /// One copy's action and step. The last layer stands in `in`, the next observation goes to `next`.
  PIGRAD_HD void act(int t, int copy, int c, T* in, T* next, std::ptrdiff_t rows) const {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(t) * call.copies;
    if (call.policy.discrete) {
      Call<T> log_softmax;
      log_softmax.columns = call.policy.actions;
      log_softmax.in[0] = log_softmax.out = {in, nullptr, tile, 1};
      LogSoftmax::forward_row(log_softmax, c);
    } else {
      const int n = call.policy.actions;
      for (int j = 0; j < n; ++j) in[(n + j) * tile + c] = call.log_std.data[j * call.log_std.column_stride];
    }
    SampleCopy<T>{View<T>{in, tile, 1},
                  call.policy.actions,
                  call.random,
                  call.begun,
                  static_cast<std::uint64_t>(t),
                  call.index ? call.index + row : nullptr,
                  call.action ? call.action + row : nullptr,
                  rows,
                  call.log_prob + row}
        .sample(copy, c);
    StepCopy<Env, T> own = step;
    const bool last = t + 1 == call.steps;
    own.actions = {call.index ? call.index + row : nullptr, call.action ? call.action + row : nullptr, rows};
    own.out = call.out;
    own.out.obs = last ? call.next : call.obs + row + call.copies;
    own.out.obs_ld = last ? call.copies : rows;
    own.out.reward += row, own.out.terminated += row, own.out.truncated += row;
    own.out.episode_return += row, own.out.episode_length += row, own.out.final_slot += row;
    own.out.keeps_ends = last;
    own.move(copy);
    for (int f = 0; f < call.features; ++f) next[f * tile + c] = own.out.obs[f * own.out.obs_ld + copy];
  }
};

}  // namespace detail
}  // namespace pigrad
