#pragma once
#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

/// y = [a b], column after column. a [B×C], b [B×D] → [B×(C+D)]; row-local. ā += ȳ[:, :C], b̄ += ȳ[:, C:].
struct Concatenate {
  static constexpr const char* name = "concatenate";
  static constexpr int operands = 2;
  static constexpr Linearity linearity = Linearity::all;

  static Shape shape(const Shape* in, const Attributes&) {
    if (in[0].rows != in[1].rows)
      throw Error(name, "shapes " + in[0].text() + " and " + in[1].text() + " have other rows", "give equal rows");
    return {in[0].rows, in[0].columns + in[1].columns};
  }
  template <class S>
  static void forward(const Call<S>& call) {
    const int split = call.shapes[0].columns;
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r)
        call.out.set(c, r, c < split ? call.in[0].get(c, r) : call.in[1].get(c - split, r));
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    const int split = call.shapes[0].columns;
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) {
        const Panel<S>& bar = call.in_bar[c < split ? 0 : 1];
        if (bar) bar.add(c < split ? c : c - split, r, call.out_bar.get(c, r));
      }
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Concatenate);

inline Tensor concatenate(const Tensor& a, const Tensor& b) { return record<Concatenate>({a, b}); }

inline std::vector<OpCase> Concatenate::cases() {
  const auto apply = [](const std::vector<Tensor>& x) { return concatenate(x[0], x[1]); };
  return {{"batches", {{Shape::batch(2)}, {Shape::batch(3)}}, apply}, {"fixed", {{{2, 1}}, {{2, 2}}}, apply}};
}

}  // namespace pigrad
