#pragma once
#include <cstddef>
#include <vector>

#include "../core/op.hpp"
#include "activation.hpp"
#include "blas.hpp"

namespace pigrad {

/// A Call whose panels are in device memory, and what its kernels work with.
template <class T>
struct DeviceCall : Call<T> {
  T* scratch = nullptr;  ///< for partial sums, [scratch_scalars]
  Blas* blas = nullptr;  ///< for wide products; null: there is none
  int blas_above = widest_own_product;
  /// A vjp writes to in_bar[0] the adjoint times f′, by in[0], which is f's output: what Call::through is on the CPU.
  DeviceActivation through_activation = DeviceActivation::none;
};
inline constexpr std::size_t scratch_scalars = std::size_t{1} << 22;
/// The most parts that a sum over rows is cut into, and the scratch that one of so many columns takes.
inline constexpr long long most_sum_parts = 1024;
constexpr std::size_t sum_scratch(int columns) {
  const auto wanted = static_cast<std::size_t>(most_sum_parts) * static_cast<std::size_t>(columns);
  return wanted < scratch_scalars ? wanted : scratch_scalars;
}

/// A kernel's launch: it returns at once, and runs in launch order (device.hpp: device_synchronize).
template <class T>
using DeviceKernel = void (*)(const DeviceCall<T>&);

/// Forward and vjp of one op on the device. As the CPU's kernels, but that a batch is one block: a reduction's forward
/// writes the whole sum, scaled. A vjp adds to its operands' adjoints, or, where the call says fresh and the op
/// assigns, writes them. No sum's order depends on a schedule: on one kind of device the same call gives the same bits.
template <class T>
struct DeviceOp {
  const Op* op = nullptr;
  DeviceKernel<T> forward = nullptr, vjp = nullptr;
};

/// One kernel for an affine and the activation that alone reads it: Backend::Fusion on the device.
template <class T>
struct DeviceFusion {
  const Op* activation = nullptr;
  DeviceKernel<T> forward = nullptr, vjp = nullptr;
};
template <class T>
std::vector<DeviceFusion<T>> device_fusions();

/// Every Unary and Binary, where, stop_gradient: kernels made from the list of ops (core/ops/list.hpp) by type.
template <class T>
std::vector<DeviceOp<T>> device_elementwise();
/// What works along the columns of a row: softmax and its like, gather, expand, slice, concatenate, sums of columns.
template <class T>
std::vector<DeviceOp<T>> device_rows();
/// Sums and means over the rows.
template <class T>
std::vector<DeviceOp<T>> device_reductions();
/// affine and matmul.
template <class T>
std::vector<DeviceOp<T>> device_products();

/// All of them: every op of the one list.
template <class T>
std::vector<DeviceOp<T>> device_ops();

}  // namespace pigrad
