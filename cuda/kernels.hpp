#pragma once
#include <cstddef>
#include <vector>

#include "../core/op.hpp"

namespace pigrad {

/// A Call whose panels are in device memory, and device memory for partial sums, [scratch_scalars].
template <class T>
struct DeviceCall : Call<T> {
  T* scratch = nullptr;
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
