#include "gaussian.hpp"

#include <cmath>

#include "../../core/ops.hpp"
#include "sampling.hpp"

namespace pigrad {
namespace {

using detail::half_log_two_pi;

template <class T>
void sample_rows(int rows, int dimensions, View<const T> statistics, const Random& random, std::uint32_t stream,
                 std::uint64_t counter, View<T> action, T* log_prob) {
  for (int r = 0; r < rows; ++r) {
    const auto row = [at = statistics.data + r * statistics.row_stride, &statistics](int c) {
      return at[c * statistics.column_stride];
    };
    const auto drawn = [at = action.data + r * action.row_stride, &action](int j) -> T& {
      return at[j * action.column_stride];
    };
    const T sum =
        detail::sample_normals<T>(dimensions, row, random, stream + static_cast<std::uint32_t>(r), counter, drawn);
    if (log_prob) log_prob[r] = sum;
  }
}

template <class T>
void mode_rows(int rows, int dimensions, View<const T> statistics, View<T> action) {
  for (int r = 0; r < rows; ++r)
    for (int j = 0; j < dimensions; ++j)
      action.data[r * action.row_stride + j * action.column_stride] =
          statistics.data[r * statistics.row_stride + j * statistics.column_stride];
}

Tensor density(const Tensor& mean, const Tensor& ln_sigma, const Tensor& action) {
  const Tensor z = (action - mean) * exp(-ln_sigma);
  return sum(-0.5 * square(z) - ln_sigma - half_log_two_pi, Axis::columns).named("log_prob");
}

}  // namespace

void Gaussian::add_parameters(ParameterLayout& layout, const std::string& name) {
  if (settings_.spread == "learned") spread_segment_ = layout.add(name + "." + settings_.spread_is, 1, actions_).name;
}

std::vector<std::pair<std::string, double>> Gaussian::initial_values() const {
  if (spread_segment_.empty()) return {};
  return {{spread_segment_, settings_.initial_spread}};
}

Tensor Gaussian::mean(const Tensor& output) const {
  return settings_.spread == "state" ? slice(output, 0, actions_) : output;
}

Tensor Gaussian::log_std(const Tensor& output) const {
  Tape& tape = output.tape();
  Tensor spread;
  if (settings_.spread == "state") {
    spread = slice(output, actions_, actions_);
  } else {
    const bool learned = settings_.spread == "learned";
    require(!learned || !spread_segment_.empty(), "gaussian", "its learned spread is not among the parameters",
            "call add_parameters before recording");
    const std::vector<double> start(static_cast<std::size_t>(actions_), settings_.initial_spread);
    spread = expand(learned ? tape.parameter(spread_segment_) : tape.constant(1, actions_, start), output);
  }
  return (settings_.spread_is == "log_variance" ? 0.5 * spread : spread).named("log_std");
}

Tensor Gaussian::statistics(const Tensor& output) const {
  return concatenate(mean(output), log_std(output)).named("statistics");
}

Tensor Gaussian::log_prob(const Tensor& output, const Tensor& action) const {
  return density(mean(output), log_std(output), action);
}

Tensor Gaussian::log_prob_from(const Tensor& statistics, const Tensor& action) const {
  return density(slice(statistics, 0, actions_), slice(statistics, actions_, actions_), action);
}

Tensor Gaussian::entropy(const Tensor& output) const {
  return sum(log_std(output) + (0.5 + half_log_two_pi), Axis::columns).named("entropy");
}

Tensor Gaussian::kl(const Tensor& p, const Tensor& q) const {
  const Tensor ln_p = slice(p, actions_, actions_), ln_q = slice(q, actions_, actions_);
  const Tensor shift = square((slice(p, 0, actions_) - slice(q, 0, actions_)) * exp(-ln_q));
  const Tensor spread = exp(2.0 * (ln_p - ln_q));
  return sum(ln_q - ln_p + 0.5 * (spread + shift) - 0.5, Axis::columns).named("kl");
}

void Gaussian::sample(int rows, View<const float> statistics, const Random& random, std::uint32_t stream,
                      std::uint64_t counter, std::int32_t*, View<float> action, float* log_prob) const {
  sample_rows(rows, actions_, statistics, random, stream, counter, action, log_prob);
}
void Gaussian::sample(int rows, View<const double> statistics, const Random& random, std::uint32_t stream,
                      std::uint64_t counter, std::int32_t*, View<double> action, double* log_prob) const {
  sample_rows(rows, actions_, statistics, random, stream, counter, action, log_prob);
}
void Gaussian::mode(int rows, View<const float> statistics, std::int32_t*, View<float> action) const {
  mode_rows(rows, actions_, statistics, action);
}
void Gaussian::mode(int rows, View<const double> statistics, std::int32_t*, View<double> action) const {
  mode_rows(rows, actions_, statistics, action);
}

}  // namespace pigrad
