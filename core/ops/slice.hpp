#pragma once
#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

/// y = x[:, begin : begin+count]. [B×C] → [B×count]; row-local. x̄[:, begin : begin+count] += ȳ.
struct Slice {
  static constexpr const char* name = "slice";
  static constexpr int operands = 1;
  static constexpr Linearity linearity = Linearity::all;

  static Shape shape(const Shape* in, const Attributes& a) {
    if (a.begin < 0 || a.count < 1 || a.begin + a.count > in[0].columns)
      throw Error(
          name,
          "columns " + std::to_string(a.begin) + " to " + std::to_string(a.begin + a.count) + " of " + in[0].text(),
          "give a range inside the columns");
    return {in[0].rows, a.count};
  }
  template <class S>
  static void forward(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.out.set(c, r, call.in[0].get(call.attributes.begin + c, r));
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.in_bar[0].add(call.attributes.begin + c, r, call.out_bar.get(c, r));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Slice);

/// Columns [begin, begin + count) of x.
inline Tensor slice(const Tensor& x, int begin, int count) {
  Attributes range;
  range.begin = begin;
  range.count = count;
  return record<Slice>({x}, range);
}

inline std::vector<OpCase> Slice::cases() {
  return {{"middle", {{Shape::batch(5)}}, [](const std::vector<Tensor>& x) { return slice(x[0], 1, 3); }},
          {"last of fixed", {{{2, 3}}}, [](const std::vector<Tensor>& x) { return slice(x[0], 2, 1); }}};
}

}  // namespace pigrad
