// A distribution of your own: log-probability, entropy and divergence on the tape, sampling and mode off it.
#include <cmath>
#include <cstdio>
#include <pigrad/core/ops.hpp>
#include <pigrad/lab/check.hpp>
#include <pigrad/nn/distribution.hpp>

using pigrad::Random;
using pigrad::Tensor;
using pigrad::View;

// Yes or no from one logit z: π(1) = σ(z). Statistics: ln π(0) = −softplus(z), ln π(1) = −softplus(−z).
class Bernoulli final : public pigrad::Distribution {
 public:
  explicit Bernoulli(const pigrad::DistributionSettings& settings) : Distribution(settings, 2) {}
  bool discrete() const override { return true; }
  int network_outputs() const override { return 1; }
  int statistics_columns() const override { return 2; }

  Tensor statistics(const Tensor& z) const override { return concatenate(-softplus(z), -softplus(-z)); }
  Tensor log_prob(const Tensor& z, const Tensor& action) const override { return gather(statistics(z), action); }
  Tensor entropy(const Tensor& z) const override { return softplus(z) - z * sigmoid(z); }
  Tensor kl(const Tensor& p, const Tensor& q) const override { return sum(exp(p) * (p - q), pigrad::Axis::columns); }

  void sample(int rows, View<const float> s, const Random& random, std::uint32_t stream, std::uint64_t counter,
              std::int32_t* index, View<float>, float* log_prob) const override {
    sample_rows(rows, s, random, stream, counter, index, log_prob);
  }
  void sample(int rows, View<const double> s, const Random& random, std::uint32_t stream, std::uint64_t counter,
              std::int32_t* index, View<double>, double* log_prob) const override {
    sample_rows(rows, s, random, stream, counter, index, log_prob);
  }
  void mode(int rows, View<const float> s, std::int32_t* index, View<float>) const override { modes(rows, s, index); }
  void mode(int rows, View<const double> s, std::int32_t* index, View<double>) const override { modes(rows, s, index); }

 private:
  template <class T>
  static T at(View<const T> s, int r, int c) {
    return s.data[r * s.row_stride + c * s.column_stride];
  }
  template <class T>
  static void sample_rows(int rows, View<const T> s, const Random& random, std::uint32_t stream, std::uint64_t counter,
                          std::int32_t* index, T* log_prob) {
    for (int r = 0; r < rows; ++r) {
      // Row r has a stream of its own, so that no result depends on who samples when.
      index[r] = random.uniform<T>(stream + static_cast<std::uint32_t>(r), counter) < std::exp(at(s, r, 1)) ? 1 : 0;
      if (log_prob) log_prob[r] = at(s, r, index[r]);
    }
  }
  template <class T>
  static void modes(int rows, View<const T> s, std::int32_t* index) {
    for (int r = 0; r < rows; ++r) index[r] = at(s, r, 1) > at(s, r, 0) ? 1 : 0;
  }
};

int main() {
  const Bernoulli coin({});
  using pigrad::Shape;
  const pigrad::OpCase cases[] = {
      {"log_prob", {{Shape::batch(1), -3, 3}}, [&](const auto& x) { return coin.log_prob(x[0], x[1]); }, 2},
      {"entropy", {{Shape::batch(1), -3, 3}}, [&](const auto& x) { return coin.entropy(x[0]); }}};
  for (const pigrad::OpCase& c : cases) {
    const pigrad::CheckReport report = pigrad::check_gradient(c);
    std::printf("%s: worst relative error %.1e of %d\n", c.what.c_str(), report.worst, report.compared);
    if (!report.ok) return 1;
  }

  constexpr int draws = 100000;
  const double log_probs[] = {std::log(0.3), std::log(0.7)};
  int ones = 0;
  for (int i = 0; i < draws; ++i) {
    std::int32_t action = 0;
    coin.sample(1, View<const double>{log_probs, 1, 1}, Random(1, pigrad::Purpose::action), 0,
                static_cast<std::uint64_t>(i), &action, {}, nullptr);
    ones += action;
  }
  std::printf("π(1) = 0.7, drawn %.4f\n", static_cast<double>(ones) / draws);
  return std::abs(ones - 0.7 * draws) < 5 * std::sqrt(draws * 0.7 * 0.3) ? 0 : 1;
}
