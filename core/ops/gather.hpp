#pragma once
#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

/// y_r = x[r, i_r].    x [B×C], i integers [B×1] → [B×1]; row-local. x̄[r, i_r] += ȳ_r.
/// An index outside [0, C) throws, naming the sample: its place in the run.
struct Gather {
  static constexpr const char* name = "gather";
  static constexpr int operands = 2;
  static constexpr unsigned differentiable = 0b01;
  static constexpr unsigned indices = 0b10;

  static Shape shape(const Shape* in, const Attributes&) {
    if (!in[0].is_batch())
      throw Error(name, "the first operand is " + in[0].text(), "give a batch, one row for each index");
    return Shape::batch(1);
  }
  template <class S>
  static void forward(const Call<S>& call) {
    for (int r = 0; r < call.rows; ++r) {
      const std::int32_t i = call.index[r];
      if (i < 0 || i >= call.shapes[0].columns)
        throw Error(name,
                    "index " + std::to_string(i) + " of sample " + std::to_string(call.begin + r) + " for " +
                        std::to_string(call.shapes[0].columns) + " columns",
                    "give indices from 0 to columns − 1");
      call.out.set(0, r, call.in[0].get(i, r));
    }
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    for (int r = 0; r < call.rows; ++r) call.in_bar[0].add(call.index[r], r, call.out_bar.get(0, r));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Gather);

/// The entry of each row that `index`, made by Tape::index, names.
inline Tensor gather(const Tensor& x, const Tensor& index) { return record<Gather>({x, index}); }

inline std::vector<OpCase> Gather::cases() {
  const auto apply = [](const std::vector<Tensor>& x) { return gather(x[0], x[1]); };
  return {{"three columns", {{Shape::batch(3)}}, apply, 3}, {"one column", {{Shape::batch(1)}}, apply, 1}};
}

}  // namespace pigrad
