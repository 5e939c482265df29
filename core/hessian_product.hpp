#pragma once
#include <string>
#include <vector>

#include "workspace.hpp"

namespace pigrad {

/// Products of a loss's Hessian in its parameters with vectors, exact, at about twice a gradient's cost: the derivative
/// of the gradient along v, dual numbers over reverse mode (Pearlmutter 1994). With the loss KL(stop_gradient(π)‖π) it
/// is the true Fisher matrix's product.
template <class T>
class HessianProduct {
 public:
  /// @param program outlives this
  explicit HessianProduct(const Program& program, const std::string& backend = "");

  /// product ← H v at the parameters `at`, all [P]; returns the loss there.
  /// @param bindings inputs, order and rows as for Workspace::run; its parameters are set to `at`
  /// @param group see RunOptions
  T operator()(Bindings<T>& bindings, const T* at, const T* v, T* product, int threads = 1, Group* group = nullptr);

  /// The gradient that the last product found on its way [P].
  const std::vector<T>& gradient() const { return gradient_; }

 private:
  Workspace<Dual<T>> workspace_;
  std::vector<T> gradient_;
};

}  // namespace pigrad
