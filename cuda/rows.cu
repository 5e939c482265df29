#include <limits>
#include <type_traits>

#include "../core/ops/list.hpp"
#include "sums.cuh"

namespace pigrad {
namespace {

template <class O, class T>
struct ForwardRow {
  Call<T> call;
  PIGRAD_HD void operator()(long long r) const { O::forward_row(call, static_cast<int>(r)); }
};
template <class O, class T>
struct VjpRow {
  Call<T> call;
  PIGRAD_HD void operator()(long long r) const { O::vjp_row(call, static_cast<int>(r)); }
};

/// The ops below, entry by entry, as their plain kernels have them (core/ops): value(call, c, r) of the output, and
/// what operand i's adjoint gets at (c, r) of its own.
template <class O>
struct Entry;

template <class T>
constexpr T not_a_number = std::numeric_limits<T>::quiet_NaN();

template <>
struct Entry<Gather> {
  template <class T>
  static PIGRAD_HD T value(const Call<T>& call, int, int r) {
    const std::int32_t i = call.index[r];
    return i >= 0 && i < call.shapes[0].columns ? call.in[0].get(i, r) : not_a_number<T>;
  }
  template <int, class T>
  static PIGRAD_HD T vjp(const Call<T>& call, int c, int r) {
    return call.index[r] == c ? call.out_bar.get(0, r) : T(0);
  }
};

template <>
struct Entry<Expand> {
  template <class T>
  static PIGRAD_HD T value(const Call<T>& call, int c, int r) {
    return call.in[0].get(c, r);
  }
  template <int, class T>
  static PIGRAD_HD T vjp(const Call<T>& call, int c, int r) {
    return call.out_bar.get(c, r);
  }
};

template <>
struct Entry<Slice> {
  template <class T>
  static PIGRAD_HD T value(const Call<T>& call, int c, int r) {
    return call.in[0].get(call.attributes.begin + c, r);
  }
  template <int, class T>
  static PIGRAD_HD T vjp(const Call<T>& call, int c, int r) {
    const int at = c - call.attributes.begin;
    return at >= 0 && at < call.columns ? call.out_bar.get(at, r) : T(0);
  }
};

template <>
struct Entry<Concatenate> {
  template <class T>
  static PIGRAD_HD T value(const Call<T>& call, int c, int r) {
    const int split = call.shapes[0].columns;
    return c < split ? call.in[0].get(c, r) : call.in[1].get(c - split, r);
  }
  template <int operand, class T>
  static PIGRAD_HD T vjp(const Call<T>& call, int c, int r) {
    return call.out_bar.get(operand == 0 ? c : call.shapes[0].columns + c, r);
  }
};

struct ColumnSum {
  template <class T>
  static PIGRAD_HD T value(const Call<T>& call, int, int r) {
    T sum = 0;
    for (int c = 0; c < call.shapes[0].columns; ++c) sum += call.in[0].get(c, r);
    return sum * static_cast<T>(call.scale);
  }
  template <int, class T>
  static PIGRAD_HD T vjp(const Call<T>& call, int, int r) {
    return static_cast<T>(call.scale) * call.out_bar.get(0, r);
  }
};
template <>
struct Entry<SumColumns> : ColumnSum {};
template <>
struct Entry<MeanColumns> : ColumnSum {};

template <class O, class T>
struct ForwardEntry {
  Call<T> call;
  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i / call.rows), r = static_cast<int>(i % call.rows);
    call.out.set(c, r, Entry<O>::value(call, c, r));
  }
};

template <class O, class T, int operand>
struct VjpEntry {
  Call<T> call;
  PIGRAD_HD T operator()(int c, int r) const { return Entry<O>::template vjp<operand>(call, c, r); }
};

template <class O, class T>
void forward_by_row(const DeviceCall<T>& call) {
  for_each_index(O::name, call.rows, ForwardRow<O, T>{call});
}
template <class O, class T>
void vjp_by_row(const DeviceCall<T>& call) {
  if (call.in_bar[0]) for_each_index(O::name, call.rows, VjpRow<O, T>{call});
}
template <class O, class T>
void forward_by_entry(const DeviceCall<T>& call) {
  for_each_index(O::name, static_cast<long long>(call.rows) * call.columns, ForwardEntry<O, T>{call});
}
template <class O, class T, int operand = 0>
void vjp_by_entry(const DeviceCall<T>& call) {
  if constexpr (operand < O::operands && ((differentiable_operands<O>() >> operand) & 1u)) {
    add_adjoints(O::name, call.shapes[operand].columns, call.rows, VjpEntry<O, T, operand>{call}, call.in_bar[operand],
                 call.scratch);
    vjp_by_entry<O, T, operand + 1>(call);
  }
}

}  // namespace

template <class T>
std::vector<DeviceOp<T>> device_rows() {
  std::vector<DeviceOp<T>> all;
  BuiltinOps::visit([&]<class O>(OpTag<O>) {
    if constexpr (std::is_base_of_v<detail::ByRow<O>, O>)
      all.push_back({&op_of<O>(), &forward_by_row<O, T>, &vjp_by_row<O, T>});
    else if constexpr (requires { sizeof(Entry<O>); })
      all.push_back({&op_of<O>(), &forward_by_entry<O, T>, &vjp_by_entry<O, T>});
  });
  return all;
}

template std::vector<DeviceOp<float>> device_rows();
template std::vector<DeviceOp<double>> device_rows();

}  // namespace pigrad
