#pragma once
#include <limits>

#include "../error.hpp"
#include "../tape.hpp"

namespace pigrad {

namespace detail {

/// m = max_c x and Σ_c e^(x−m) of one row: what keeps e^x from overflowing. An all −∞ row has m = −∞ and sum C, that
/// is, a log-sum of −∞ and equal shares. A NaN or +∞ anywhere makes the whole row NaN.
template <class S>
struct RowPartition {
  S max, sum;
};

template <class R>
inline constexpr R lowest_number = std::numeric_limits<R>::lowest();

template <class R>
PIGRAD_HD inline bool is_minus_infinity(R x) {
  return x < lowest_number<R>;
}

template <class S>
PIGRAD_HD RowPartition<S> row_partition(const Panel<S>& x, int columns, int r) {
  using std::exp;
  RowPartition<S> p{x.get(0, r), S(Real<S>(0))};
  for (int c = 1; c < columns; ++c)
    if (const S v = x.get(c, r); v > p.max || value_of(v) != value_of(v)) p.max = v;
  const bool empty = is_minus_infinity(value_of(p.max));
  for (int c = 0; c < columns; ++c) p.sum += empty ? S(Real<S>(1)) : exp(x.get(c, r) - p.max);
  return p;
}

/// An op whose rows are computed one by one, by the same text on any device: O::forward_row and O::vjp_row.
template <class O>
struct ByRow {
  template <class S>
  static void forward(const Call<S>& call) {
    for (int r = 0; r < call.rows; ++r) O::forward_row(call, r);
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    for (int r = 0; r < call.rows; ++r) O::vjp_row(call, r);
  }
};

inline std::vector<OpCase> row_cases(Tensor (*record)(const Tensor&)) {
  const auto apply = [record](const std::vector<Tensor>& x) { return record(x[0]); };
  return {{"two columns", {{Shape::batch(2)}}, apply},
          {"seven columns", {{Shape::batch(7), -4, 4}}, apply},
          {"one column", {{Shape::batch(1)}}, apply},
          {"fixed", {{{3, 4}}}, apply}};
}

}  // namespace detail

/// y = ln Σ_c e^x. [B×C] → [B×1]; row-local. x̄ += ȳ e^(x−y): keeps x, y.
/// Limits: an all −∞ row gives −∞ with equal shares of the adjoint.
struct Logsumexp : detail::ByRow<Logsumexp> {
  static constexpr const char* name = "logsumexp";
  static constexpr int operands = 1;
  static Shape shape(const Shape* in, const Attributes&) { return {in[0].rows, 1}; }
  template <class S>
  PIGRAD_HD static void forward_row(const Call<S>& call, int r) {
    using std::log;
    const auto p = detail::row_partition(call.in[0], call.shapes[0].columns, r);
    call.out.set(0, r, p.max + log(p.sum));
  }
  template <class S>
  PIGRAD_HD static void vjp_row(const Call<S>& call, int r) {
    using std::exp;
    const int columns = call.shapes[0].columns;
    const S y = call.out.get(0, r), y_bar = call.out_bar.get(0, r);
    const bool empty = detail::is_minus_infinity(value_of(y));
    for (int c = 0; c < columns; ++c)
      call.in_bar[0].add(
          c, r, y_bar * (empty ? S(Real<S>(1) / static_cast<Real<S>>(columns)) : exp(call.in[0].get(c, r) - y)));
  }
  static std::vector<OpCase> cases();
};

/// y = e^x / Σ_c e^x. [B×C] → [B×C]; row-local. x̄ += y (ȳ − Σ_c ȳ y): keeps y.
/// Limits: an all −∞ row gives equal shares.
struct Softmax : detail::ByRow<Softmax> {
  static constexpr const char* name = "softmax";
  static constexpr int operands = 1;
  static Shape shape(const Shape* in, const Attributes&) { return in[0]; }
  template <class S>
  PIGRAD_HD static void forward_row(const Call<S>& call, int r) {
    using std::exp;
    const auto p = detail::row_partition(call.in[0], call.columns, r);
    const bool empty = detail::is_minus_infinity(value_of(p.max));
    for (int c = 0; c < call.columns; ++c)
      call.out.set(c, r, (empty ? S(Real<S>(1)) : exp(call.in[0].get(c, r) - p.max)) / p.sum);
  }
  template <class S>
  PIGRAD_HD static void vjp_row(const Call<S>& call, int r) {
    S inner(Real<S>(0));
    for (int c = 0; c < call.columns; ++c) inner += call.out_bar.get(c, r) * call.out.get(c, r);
    for (int c = 0; c < call.columns; ++c)
      call.in_bar[0].add(c, r, call.out.get(c, r) * (call.out_bar.get(c, r) - inner));
  }
  static std::vector<OpCase> cases();
};

/// y = x − ln Σ_c e^x. [B×C] → [B×C]; row-local. x̄ += ȳ − e^y Σ_c ȳ: keeps y.
/// Limits: exact where softmax would underflow to 0; an all −∞ row gives −ln C.
struct LogSoftmax : detail::ByRow<LogSoftmax> {
  static constexpr const char* name = "log_softmax";
  static constexpr int operands = 1;
  static Shape shape(const Shape* in, const Attributes&) { return in[0]; }
  template <class S>
  PIGRAD_HD static void forward_row(const Call<S>& call, int r) {
    using std::log;
    const auto p = detail::row_partition(call.in[0], call.columns, r);
    const bool empty = detail::is_minus_infinity(value_of(p.max));
    const S log_sum = log(p.sum);
    for (int c = 0; c < call.columns; ++c)
      call.out.set(c, r, (empty ? S(Real<S>(0)) : call.in[0].get(c, r) - p.max) - log_sum);
  }
  template <class S>
  PIGRAD_HD static void vjp_row(const Call<S>& call, int r) {
    using std::exp;
    S total(Real<S>(0));
    for (int c = 0; c < call.columns; ++c) total += call.out_bar.get(c, r);
    for (int c = 0; c < call.columns; ++c)
      call.in_bar[0].add(c, r, call.out_bar.get(c, r) - exp(call.out.get(c, r)) * total);
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Logsumexp);
PIGRAD_BUILTIN_OP(Softmax);
PIGRAD_BUILTIN_OP(LogSoftmax);

inline Tensor logsumexp(const Tensor& x) { return record<Logsumexp>({x}); }
inline Tensor softmax(const Tensor& x) { return record<Softmax>({x}); }
inline Tensor log_softmax(const Tensor& x) { return record<LogSoftmax>({x}); }
inline std::vector<OpCase> Logsumexp::cases() { return detail::row_cases(logsumexp); }
inline std::vector<OpCase> Softmax::cases() { return detail::row_cases(softmax); }
inline std::vector<OpCase> LogSoftmax::cases() { return detail::row_cases(log_softmax); }

}  // namespace pigrad
