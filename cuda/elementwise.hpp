#pragma once
#include <vector>

#include "../core/backend.hpp"

namespace pigrad {

/// The element-wise ops of the one list (core/ops/list.hpp) as CUDA kernels made from the same functors: every Unary
/// and Binary, where, stop_gradient. A kernel takes a Call whose panels are in device memory, with any strides; it
/// returns at once and runs in launch order (device.hpp: device_synchronize). In the vjp one thread owns each entry of
/// an operand's adjoint and sums over the sides along which that operand stretches (stride 0) in the plain kernel's
/// order: column by column, rows ascending. So no sum depends on a schedule.
template <class T>
std::vector<typename Backend<T>::Entry> device_elementwise();

}  // namespace pigrad
