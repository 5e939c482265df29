#pragma once
#include "../core/parameters.hpp"

namespace pigrad {

/// √Σg² over the range of a whole vector's gradient: summed in double, in one fixed order, without overflow or
/// underflow. NaN if an element is NaN, otherwise infinite if one is infinite. Throws Error if the range is negative.
template <class T>
double global_norm(const T* gradient, ParameterRange range);

/// What clipping did.
struct Clipped {
  double norm = 0;         ///< before clipping
  double coefficient = 1;  ///< what each element was multiplied by
  bool finite = true;      ///< false: the gradient holds NaN or infinity and was left as it was; do not step
};

/// Scales the range so that its norm is at most max_norm: by min(1, max_norm/(norm + epsilon)).
/// @param gradient of the whole vector; only the range is read and written
/// @param max_norm > 0; infinity only measures
/// @param epsilon 1e-6 is torch.nn.utils.clip_grad_norm_ (hence Stable-Baselines3), 0 is tf.clip_by_global_norm
/// Throws Error if max_norm is not above 0 or epsilon is negative.
template <class T>
Clipped clip_by_global_norm(T* gradient, ParameterRange range, double max_norm, double epsilon = 1e-6);

/// The same of a range whose global norm is known.
template <class T>
Clipped clip_known_norm(T* gradient, ParameterRange range, double norm, double max_norm, double epsilon = 1e-6);

}  // namespace pigrad
