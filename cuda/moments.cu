#include "moments.hpp"
#include "sums.cuh"

namespace pigrad {
namespace {

template <class T>
struct Chosen {
  const T* values;
  const std::int32_t* rows;
  PIGRAD_HD double operator()(long long i) const { return static_cast<double>(values[rows ? rows[i] : i]); }
};

/// Σ (x − x₀): equal values have their mean exactly.
template <class T>
struct FromFirst {
  Chosen<T> x;
  PIGRAD_HD double operator()(int, int i) const { return x(i) - x(0); }
};
template <class T>
struct StoreMean {
  Chosen<T> x;
  int count;
  DeviceMoments* out;
  PIGRAD_HD void operator()(int, double sum) const { out->mean = x(0) + sum / count; }
};
template <class T>
struct SquaredFromMean {
  Chosen<T> x;
  const DeviceMoments* moments;
  PIGRAD_HD double operator()(int, int i) const {
    const double apart = x(i) - moments->mean;
    return apart * apart;
  }
};
struct StoreDeviation {
  int divisor;
  DeviceMoments* out;
  PIGRAD_HD void operator()(int, double squares) const {
    using std::sqrt;
    out->deviation = sqrt(squares / divisor);
  }
};

}  // namespace

template <class T>
void device_moments(const T* values, const std::int32_t* rows, int count, bool sample, DeviceMoments* out,
                    double* scratch) {
  const Chosen<T> x{values, rows};
  sum_over_rows("moments", 1, count, FromFirst<T>{x}, StoreMean<T>{x, count, out}, scratch);
  sum_over_rows("moments", 1, count, SquaredFromMean<T>{x, out}, StoreDeviation{sample ? count - 1 : count, out},
                scratch);
}

template void device_moments(const float*, const std::int32_t*, int, bool, DeviceMoments*, double*);
template void device_moments(const double*, const std::int32_t*, int, bool, DeviceMoments*, double*);

}  // namespace pigrad
