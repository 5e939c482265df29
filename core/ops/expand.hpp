#pragma once
#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

/// y_r = x for every row r of `like`.    x [1×C], like [B×·] → [B×C]; row-local. x̄ += Σ_rows ȳ; `like` gives rows only.
struct Expand {
  static constexpr const char* name = "expand";
  static constexpr int operands = 2;
  static constexpr unsigned differentiable = 0b01;

  static Shape shape(const Shape* in, const Attributes&) {
    if (in[0].rows != 1) throw Error(name, "the first operand is " + in[0].text(), "give a row [1×C]");
    return {in[1].rows, in[0].columns};
  }
  template <class S>
  static void forward(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.out.set(c, r, call.in[0].get(c, r));
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.in_bar[0].add(c, r, call.out_bar.get(c, r));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Expand);

/// The row x once for each row of `like`.
inline Tensor expand(const Tensor& x, const Tensor& like) { return record<Expand>({x, like}); }

inline std::vector<OpCase> Expand::cases() {
  const auto apply = [](const std::vector<Tensor>& x) { return expand(x[0], x[1]); };
  return {{"over a batch", {{{1, 3}}, {Shape::batch(2)}}, apply}, {"over fixed rows", {{{1, 2}}, {{4, 1}}}, apply}};
}

}  // namespace pigrad
