#pragma once
#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

/// Shape of an element-wise result. An operand's side of 1 stretches: a row [1×C], a column [B×1], a scalar [1×1].
inline Shape broadcast_shape(const char* op, const Shape& a, const Shape& b) {
  Shape out;
  const bool rows_fit = a.rows == b.rows || a.rows == 1 || b.rows == 1;
  const bool columns_fit = a.columns == b.columns || a.columns == 1 || b.columns == 1;
  if (!rows_fit || !columns_fit)
    throw Error(op, "shapes " + a.text() + " and " + b.text() + " do not broadcast",
                "make each side equal, or 1 in one of them");
  out.rows = a.rows == 1 ? b.rows : a.rows;
  out.columns = a.columns == 1 ? b.columns : a.columns;
  return out;
}

/// y = f(x), element by element. [R×C] → [R×C], row-local. x̄ += ȳ · f′, with f′ = F::partial(x, y).
template <class F>
struct Unary {
  static constexpr int operands = 1;
  static Shape shape(const Shape* in, const Attributes&) { return in[0]; }

  template <class S>
  static void forward(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.out.set(c, r, F::value(call.in[0].get(c, r), call.attributes));
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r)
        call.in_bar[0].add(
            c, r, call.out_bar.get(c, r) * F::partial(call.in[0].get(c, r), call.out.get(c, r), call.attributes));
  }
  /// Examples with operands drawn from [low, high].
  static std::vector<OpCase> cases_in(double low, double high, Tensor (*record)(const Tensor&)) {
    const auto apply = [record](const std::vector<Tensor>& x) { return record(x[0]); };
    return {{"batch", {{Shape::batch(3), low, high}}, apply}, {"row", {{{1, 4}, low, high}}, apply}};
  }
};

/// y = f(a, b), element by element with broadcast. Row-local. ā += ȳ ∂f/∂a and b̄ += ȳ ∂f/∂b, summed over stretched
/// sides.
template <class F>
struct Binary {
  static constexpr int operands = 2;
  static Shape shape(const Shape* in, const Attributes&) { return broadcast_shape(F::name, in[0], in[1]); }

  template <class S>
  static void forward(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.out.set(c, r, F::value(call.in[0].get(c, r), call.in[1].get(c, r)));
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) {
        const S a = call.in[0].get(c, r), b = call.in[1].get(c, r), y = call.out.get(c, r);
        const S y_bar = call.out_bar.get(c, r);
        if (call.in_bar[0]) call.in_bar[0].add(c, r, y_bar * F::partial_a(a, b, y));
        if (call.in_bar[1]) call.in_bar[1].add(c, r, y_bar * F::partial_b(a, b, y));
      }
  }
  /// Every broadcast: equal, row, column, scalar, each way, and fixed tensors among themselves.
  static std::vector<OpCase> cases_in(double a_low, double a_high, double b_low, double b_high,
                                      Tensor (*record)(const Tensor&, const Tensor&)) {
    const auto apply = [record](const std::vector<Tensor>& x) { return record(x[0], x[1]); };
    std::vector<OpCase> all;
    const auto add = [&](const char* what, Shape a, Shape b) {
      all.push_back({what, {{a, a_low, a_high}, {b, b_low, b_high}}, apply});
    };
    add("equal", Shape::batch(3), Shape::batch(3));
    add("row on the right", Shape::batch(3), {1, 3});
    add("row on the left", {1, 3}, Shape::batch(3));
    add("column on the right", Shape::batch(3), Shape::batch(1));
    add("column on the left", Shape::batch(1), Shape::batch(3));
    add("scalar on the right", Shape::batch(2), {1, 1});
    add("scalar on the left", {1, 1}, Shape::batch(2));
    add("column and row", Shape::batch(1), {1, 4});
    add("fixed", {2, 3}, {1, 3});
    return all;
  }
};

}  // namespace pigrad
