#pragma once
#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

enum class Axis {
  all,      ///< every entry: → [1×1]
  rows,     ///< over the rows: [B×C] → [1×C]
  columns,  ///< over the columns, row by row: [B×C] → [B×1]
};

namespace detail {

/// Kernels of sum and mean. Along the rows a kernel adds its block's part to `out`, which the run zeroes before and
/// scales by 1/count after; every sum is in ascending order of rows within a block, blocks add up in a fixed tree. y =
/// s·Σ x, x̄ += s·ȳ with s = 1, or 1/count for a mean.
template <Axis along, bool is_mean>
struct Reduce {
  static constexpr Axis axis = along;
  static constexpr int operands = 1;
  static constexpr Linearity linearity = Linearity::all;
  static constexpr Locality locality = axis == Axis::columns ? Locality::row_local : Locality::reduction;
  static constexpr bool averages = is_mean;

  static Shape shape(const Shape* in, const Attributes&) {
    if constexpr (axis == Axis::all) return {1, 1};
    if constexpr (axis == Axis::rows) return {1, in[0].columns};
    return {in[0].rows, 1};
  }
  template <class S>
  static void forward(const Call<S>& call) {
    const int columns = call.shapes[0].columns;
    if constexpr (axis == Axis::columns) {
      for (int r = 0; r < call.rows; ++r) {
        S sum(Real<S>(0));
        for (int c = 0; c < columns; ++c) sum += call.in[0].get(c, r);
        call.out.set(0, r, sum * S(static_cast<Real<S>>(call.scale)));
      }
    } else {
      for (int c = 0; c < columns; ++c) {
        S sum(Real<S>(0));
        for (int r = 0; r < call.rows; ++r) sum += call.in[0].get(c, r);
        call.out.add(axis == Axis::rows ? c : 0, 0, sum);
      }
    }
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    const S scale(static_cast<Real<S>>(call.scale));
    for (int c = 0; c < call.shapes[0].columns; ++c)
      for (int r = 0; r < call.rows; ++r)
        call.in_bar[0].add(c, r, scale * call.out_bar.get(axis == Axis::rows ? c : 0, axis == Axis::columns ? r : 0));
  }
  static std::vector<OpCase> cases_of(Tensor (*record)(const Tensor&)) {
    const auto apply = [record](const std::vector<Tensor>& x) { return record(x[0]); };
    return {{"batch", {{Shape::batch(3)}}, apply},
            {"fixed", {{{4, 2}}}, apply},
            {"one column", {{Shape::batch(1)}}, apply}};
  }
};

}  // namespace detail

/// y = Σ over every entry. [B×C] → [1×1]; sums over the batch.
struct Sum : detail::Reduce<Axis::all, false> {
  static constexpr const char* name = "sum";
  static std::vector<OpCase> cases();
};
/// y = Σ over the rows. [B×C] → [1×C]; sums over the batch.
struct SumRows : detail::Reduce<Axis::rows, false> {
  static constexpr const char* name = "sum_rows";
  static std::vector<OpCase> cases();
};
/// y = Σ over the columns. [B×C] → [B×1]; row-local.
struct SumColumns : detail::Reduce<Axis::columns, false> {
  static constexpr const char* name = "sum_columns";
  static std::vector<OpCase> cases();
};
/// y = the mean of every entry. [B×C] → [1×1]; sums over the batch.
struct Mean : detail::Reduce<Axis::all, true> {
  static constexpr const char* name = "mean";
  static std::vector<OpCase> cases();
};
/// y = the mean over the rows. [B×C] → [1×C]; sums over the batch.
struct MeanRows : detail::Reduce<Axis::rows, true> {
  static constexpr const char* name = "mean_rows";
  static std::vector<OpCase> cases();
};
/// y = the mean over the columns. [B×C] → [B×1]; row-local.
struct MeanColumns : detail::Reduce<Axis::columns, true> {
  static constexpr const char* name = "mean_columns";
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Sum);
PIGRAD_BUILTIN_OP(SumRows);
PIGRAD_BUILTIN_OP(SumColumns);
PIGRAD_BUILTIN_OP(Mean);
PIGRAD_BUILTIN_OP(MeanRows);
PIGRAD_BUILTIN_OP(MeanColumns);

inline Tensor sum(const Tensor& x, Axis axis) {
  return axis == Axis::all ? record<Sum>({x}) : axis == Axis::rows ? record<SumRows>({x}) : record<SumColumns>({x});
}
inline Tensor mean(const Tensor& x, Axis axis) {
  return axis == Axis::all ? record<Mean>({x}) : axis == Axis::rows ? record<MeanRows>({x}) : record<MeanColumns>({x});
}
inline Tensor sum(const Tensor& x) { return sum(x, Axis::all); }
inline Tensor mean(const Tensor& x) { return mean(x, Axis::all); }

inline std::vector<OpCase> Sum::cases() { return cases_of(sum); }
inline std::vector<OpCase> Mean::cases() { return cases_of(mean); }
inline std::vector<OpCase> SumRows::cases() {
  return cases_of([](const Tensor& x) { return sum(x, Axis::rows); });
}
inline std::vector<OpCase> SumColumns::cases() {
  return cases_of([](const Tensor& x) { return sum(x, Axis::columns); });
}
inline std::vector<OpCase> MeanRows::cases() {
  return cases_of([](const Tensor& x) { return mean(x, Axis::rows); });
}
inline std::vector<OpCase> MeanColumns::cases() {
  return cases_of([](const Tensor& x) { return mean(x, Axis::columns); });
}

}  // namespace pigrad
