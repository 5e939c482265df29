#pragma once
#include "products.hpp"

namespace pigrad {

/// y = a b.            a [B×K] (or [R×K]), b [K×N] of fixed rows → [B×N]; row-local.
/// ā += ȳ bᵀ,  b̄ += aᵀ ȳ.         Keeps a. The sum over K is in ascending order.
struct Matmul {
  static constexpr const char* name = "matmul";
  static constexpr int operands = 2;
  static constexpr bool assigns = true;
  static constexpr bool contracts = true;

  static Shape shape(const Shape* in, const Attributes&) {
    if (in[1].is_batch())
      throw Error(name, "the right side " + in[1].text() + " is a batch", "give a right side of fixed rows");
    if (in[0].columns != in[1].rows)
      throw Error(name, "shapes " + in[0].text() + " and " + in[1].text() + " do not chain",
                  "give a right side with " + std::to_string(in[0].columns) + " rows");
    return {in[0].rows, in[1].columns};
  }

  template <class S>
  static void forward(const Call<S>& call) {
    product_forward(call, transposed(call.in[1]), Panel<S>{});
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    product_vjp(call, transposed(call.in[1]), transposed(call.in_bar[1]), Panel<S>{}, true);
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Matmul);

inline Tensor matmul(const Tensor& a, const Tensor& b) { return record<Matmul>({a, b}); }

inline std::vector<OpCase> Matmul::cases() {
  const auto apply = [](const std::vector<Tensor>& x) { return matmul(x[0], x[1]); };
  return {{"batch by fixed", {{Shape::batch(4)}, {{4, 3}}}, apply},
          {"wide", {{Shape::batch(9)}, {{9, 17}}}, apply},
          {"fixed by fixed", {{{2, 3}}, {{3, 4}}}, apply}};
}

}  // namespace pigrad
