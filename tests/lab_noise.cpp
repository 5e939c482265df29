#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/random.hpp>
#include <pigrad/lab/noise.hpp>
#include <vector>

using namespace pigrad;

namespace {

using Reals = std::vector<double>;

double dot(const Reals& a, const Reals& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

TEST_CASE("layers are weights with their biases, and whatever stands alone") {
  ParameterLayout layout;
  layout.add("policy.0.weight", 4, 2), layout.add("policy.0.bias", 1, 4);
  layout.add("policy.2.weight", 1, 4), layout.add("policy.2.bias", 1, 1);
  layout.add("policy.log_std", 1, 1);
  const auto layers = layers_of(layout);
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].name == "policy.0");
  CHECK(layers[0].range.begin == 0);
  CHECK(layers[0].range.end == 12);
  CHECK(layers[1].name == "policy.2");
  CHECK(layers[1].range.end == 17);
  CHECK(layers[2].name == "policy.log_std");
  CHECK(layers[2].range.end == 18);
}

TEST_CASE("the meter's sums are the definitions") {
  const std::vector<Reals> g = {{1, 2, -1}, {0.5, -1, 3}, {2, 2, 0}, {0, 0, 0}};
  NoiseMeter meter({{"head", {0, 2}}, {"all", {0, 3}}}, 3);
  Reals wrong = {9, 9, 9};
  meter.add(wrong.data());
  meter.begin();
  for (const Reals& one : g) meter.add(one.data());
  Reals mean(3);
  for (const Reals& one : g)
    for (std::size_t k = 0; k < 3; ++k) mean[k] += one[k] / 4;
  CHECK(meter.mean() == mean);
  double trace = 0, cosines = 0;
  for (const Reals& one : g)
    for (std::size_t k = 0; k < 3; ++k) trace += (one[k] - mean[k]) * (one[k] - mean[k]) / 3;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      if (i != j) cosines += dot(g[i], g[j]) / std::sqrt(dot(g[i], g[i]) * dot(g[j], g[j])) / 6;
  const GradientNoise all = meter.of(1);
  CHECK(all.estimates == 4);
  CHECK(all.norm == doctest::Approx(std::sqrt(dot(mean, mean))).epsilon(1e-14));
  CHECK(all.trace == doctest::Approx(trace).epsilon(1e-14));
  CHECK(all.signal == doctest::Approx(dot(mean, mean) - trace / 4).epsilon(1e-13));
  CHECK(all.cosine == doctest::Approx(cosines).epsilon(1e-13));
  CHECK(all.snr() == doctest::Approx(all.signal / (trace / 4)));
  const GradientNoise head = meter.of(0);
  CHECK(head.norm == doctest::Approx(std::hypot(mean[0], mean[1])));
  CHECK(head.trace < all.trace);
}

TEST_CASE("one estimate has no noise to speak of") {
  NoiseMeter meter({{"all", {0, 2}}}, 2);
  const Reals g = {3, 4};
  meter.add(g.data());
  const GradientNoise noise = meter.of(0);
  CHECK(noise.norm == doctest::Approx(5));
  CHECK(std::isnan(noise.trace));
  CHECK(std::isnan(noise.signal));
  CHECK(std::isnan(noise.cosine));
}

TEST_CASE("trace and signal are unbiased, and the signal is negative where noise drowns it") {
  // 4000 meters of B = 6 estimates in 20 dimensions: means within 4 standard errors (confidence 0.9999).
  constexpr int meters = 4000, size = 20, b = 6;
  for (const double strength : {0.0, 0.3}) {
    const Random random(17, Purpose::test);
    double trace = 0, trace2 = 0, signal = 0, signal2 = 0;
    int negative = 0;
    NoiseMeter meter({{"all", {0, size}}}, size);
    for (std::uint32_t m = 0; m < meters; ++m) {
      meter.begin();
      for (int i = 0; i < b; ++i) {
        Reals g(size);
        for (int k = 0; k < size; ++k)
          g[static_cast<std::size_t>(k)] =
              strength + 1.5 * random.normal<double>(m, static_cast<std::uint64_t>(i * size + k));
        meter.add(g.data());
      }
      const GradientNoise noise = meter.of(0);
      trace += noise.trace / meters, trace2 += noise.trace * noise.trace / meters;
      signal += noise.signal / meters, signal2 += noise.signal * noise.signal / meters;
      negative += noise.signal <= 0;
      CHECK(std::isnan(noise.noise_scale()) == (noise.signal <= 0));
    }
    const double true_trace = size * 1.5 * 1.5, true_signal = size * strength * strength;
    CHECK(std::abs(trace - true_trace) < 4 * std::sqrt((trace2 - trace * trace) / meters));
    CHECK(std::abs(signal - true_signal) < 4 * std::sqrt((signal2 - signal * signal) / meters));
    CHECK((negative > meters / 3) == (strength == 0));
  }
}
