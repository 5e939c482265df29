#include "categorical.hpp"

#include <cmath>
#include <limits>

#include "../../core/ops.hpp"
#include "sampling.hpp"

namespace pigrad {
namespace {

template <class T>
void sample_rows(int rows, int choices, View<const T> log_probs, const Random& random, std::uint32_t stream,
                 std::uint64_t counter, std::int32_t* index, T* log_prob) {
  for (int r = 0; r < rows; ++r) {
    const auto row = [at = log_probs.data + r * log_probs.row_stride, &log_probs](int c) {
      return at[c * log_probs.column_stride];
    };
    index[r] = detail::sample_choice(choices, row, random.uniform<T>(stream + static_cast<std::uint32_t>(r), counter));
    if (log_prob) log_prob[r] = row(index[r]);
  }
}

template <class T>
void mode_rows(int rows, int choices, View<const T> log_probs, std::int32_t* index) {
  for (int r = 0; r < rows; ++r) {
    const T* row = log_probs.data + r * log_probs.row_stride;
    int best = 0;
    for (int c = 1; c < choices; ++c)
      if (row[c * log_probs.column_stride] > row[best * log_probs.column_stride]) best = c;
    index[r] = best;
  }
}

}  // namespace

Tensor Categorical::statistics(const Tensor& logits) const {
  return (settings_.log_prob == "log_of_softmax" ? log(softmax(logits)) : log_softmax(logits)).named("log_probs");
}

Tensor Categorical::log_prob(const Tensor& logits, const Tensor& action) const {
  return gather(statistics(logits), action).named("log_prob");
}

Tensor Categorical::entropy(const Tensor& logits) const {
  constexpr double log_of_zero = -1000, any = std::numeric_limits<float>::max();
  return (-sum(softmax(logits) * clamp(log_softmax(logits), log_of_zero, any), Axis::columns)).named("entropy");
}

Tensor Categorical::kl(const Tensor& p, const Tensor& q) const {
  const Tensor probability = exp(p);
  return sum(probability * where(probability, p - q, p.tape().constant(0)), Axis::columns).named("kl");
}

void Categorical::sample(int rows, View<const float> statistics, const Random& random, std::uint32_t stream,
                         std::uint64_t counter, std::int32_t* index, View<float>, float* log_prob) const {
  sample_rows(rows, actions_, statistics, random, stream, counter, index, log_prob);
}
void Categorical::sample(int rows, View<const double> statistics, const Random& random, std::uint32_t stream,
                         std::uint64_t counter, std::int32_t* index, View<double>, double* log_prob) const {
  sample_rows(rows, actions_, statistics, random, stream, counter, index, log_prob);
}
void Categorical::mode(int rows, View<const float> statistics, std::int32_t* index, View<float>) const {
  mode_rows(rows, actions_, statistics, index);
}
void Categorical::mode(int rows, View<const double> statistics, std::int32_t* index, View<double>) const {
  mode_rows(rows, actions_, statistics, index);
}

}  // namespace pigrad
