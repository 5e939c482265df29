#pragma once
#include <functional>
#include <vector>

namespace pigrad {

/// out ← A v for vectors of one size, A symmetric.
template <class T>
using LinearMap = std::function<void(const T* v, T* out)>;

struct ConjugateGradientsOptions {
  int iterations = 10;
  double tolerance = 1e-10;  ///< stop once ‖b − Ax‖ ≤ tolerance·‖b‖
};

struct ConjugateGradientsResult {
  int iterations = 0;
  double residual = 0;      ///< ‖b − Ax‖/‖b‖ by the recurrence; 0 for b = 0
  bool indefinite = false;  ///< a direction p had pᵀAp ≤ 0, where the search stopped
};

/// x ≈ A⁻¹ b for a symmetric positive definite A of which only products are known, from x = 0.
/// Hestenes and Stiefel 1952; each iteration costs one product. Inner products add up in double, in order.
/// @param b,x [b.size()]; x is overwritten
template <class T>
ConjugateGradientsResult conjugate_gradients(const LinearMap<T>& a, const std::vector<T>& b, std::vector<T>& x,
                                             const ConjugateGradientsOptions& options = {});

/// Σ aᵢ bᵢ in double, in order.
template <class T>
double inner_product(const std::vector<T>& a, const std::vector<T>& b);

}  // namespace pigrad
