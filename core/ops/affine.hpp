#pragma once
#include "products.hpp"

namespace pigrad {

/// y = x Wᵀ + b.       x [B×K] (or [R×K]), W [N×K], b [1×N] → [B×N]; row-local.
/// x̄ += ȳ W,  W̄ += ȳᵀ x,  b̄ += Σ_rows ȳ.        Keeps x.
/// The sum over K is in ascending order from b, so a row's bits do not depend on the batch around it.
struct Affine {
  static constexpr const char* name = "affine";
  static constexpr int operands = 3;
  static constexpr bool assigns = true;
  static constexpr bool contracts = true;

  static Shape shape(const Shape* in, const Attributes&) {
    if (in[1].is_batch() || in[2].is_batch())
      throw Error(name, "weight " + in[1].text() + " and bias " + in[2].text(), "give tensors of fixed rows");
    if (in[0].columns != in[1].columns)
      throw Error(name, "the input is " + in[0].text() + " but the weight is " + in[1].text(),
                  "give a weight with " + std::to_string(in[0].columns) + " columns");
    if (in[2] != Shape{1, in[1].rows})
      throw Error(name, "the weight is " + in[1].text() + " but the bias is " + in[2].text(),
                  "give a bias [1×" + std::to_string(in[1].rows) + "]");
    return {in[0].rows, in[1].rows};
  }

  template <class S>
  static void forward(const Call<S>& call) {
    product_forward(call, call.in[1], call.in[2]);
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    product_vjp(call, call.in[1], call.in_bar[1], call.in_bar[2], false);
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Affine);

/// x Wᵀ + b: a linear layer as PyTorch's.
inline Tensor affine(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return record<Affine>({x, weight, bias});
}

inline std::vector<OpCase> Affine::cases() {
  const auto apply = [](const std::vector<Tensor>& x) { return affine(x[0], x[1], x[2]); };
  const auto layer = [&](const char* what, int k, int n) {
    return OpCase{what, {{Shape::batch(k)}, {{n, k}}, {{1, n}}}, apply};
  };
  return {layer("4 to 3", 4, 3),
          layer("1 to 1", 1, 1),
          layer("17 to 9", 17, 9),
          layer("33 to 64", 33, 64),
          {"fixed rows", {{{5, 3}}, {{2, 3}}, {{1, 2}}}, apply}};
}

}  // namespace pigrad
