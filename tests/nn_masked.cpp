#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <pigrad/nn/distribution.hpp>

using namespace pigrad;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// What a pass over one row of logits gives: the quantity, and its gradient with respect to the logits.
template <class T>
struct Pulled {
  T value;
  std::vector<T> gradient;
};

using Quantity = Tensor (*)(const Distribution&, const Tensor& logits, const Tensor& other);

/// Logits as parameters' sum with an input that holds the mask, so that the gradient reaches them.
template <class T>
Pulled<T> pull(Quantity quantity, const std::vector<double>& logits, const std::vector<double>& other, double weight,
               const std::string& backend) {
  const int choices = static_cast<int>(logits.size());
  const auto distribution = make_distribution({}, choices, true, "test");
  ParameterLayout layout;
  layout.add("z", 1, choices);
  Tape t(layout);
  const Tensor z = t.input("x", choices) + t.parameter("z");
  const Tensor y = quantity(*distribution, z, distribution->statistics(t.input("other", choices)));
  const Program p = t.program(sum(weight * y), {});
  std::vector<T> x, q, zero(logits.size(), T(0));
  for (const double l : logits) x.push_back(static_cast<T>(l));
  for (const double l : other) q.push_back(static_cast<T>(l));
  Bindings<T> bindings(p);
  bindings.parameters(zero.data());
  bindings.rows(1);
  bindings.input("x", x.data(), 1);
  bindings.input("other", q.data(), 1);
  Pulled<T> result{0, std::vector<T>(logits.size())};
  Workspace<T> workspace(p, backend);
  result.value = workspace.run(bindings, Sink<T>::sum(result.gradient.data())).loss;
  return result;
}

Tensor entropy(const Distribution& d, const Tensor& z, const Tensor& other) {
  return d.entropy(z) + 0.0 * sum(stop_gradient(exp(other)), Axis::columns);
}
Tensor kl_to(const Distribution& d, const Tensor& z, const Tensor& other) { return d.kl(d.statistics(z), other); }
Tensor kl_from(const Distribution& d, const Tensor& z, const Tensor& other) { return d.kl(other, d.statistics(z)); }

}  // namespace

TEST_CASE_TEMPLATE("masked choices: the distribution is that over the others", T, float, double) {
  const double close = sizeof(T) == 8 ? 1e-13 : 2e-6;
  for (const std::string& backend : backend_names())
    for (const Quantity quantity : {entropy, kl_to, kl_from})
      for (const double weight : {1.0, -40.0}) {
        CAPTURE(backend);
        CAPTURE(weight);
        const auto few = pull<T>(quantity, {0.3, -1.2, 2.0}, {1.0, 0.5, -0.7}, weight, backend);
        const auto all = pull<T>(quantity, {-inf, 0.3, -1.2, -inf, 2.0}, {-inf, 1.0, 0.5, -inf, -0.7}, weight, backend);
        CHECK(std::abs(few.value) > 0.1);
        CHECK(all.value == doctest::Approx(few.value).epsilon(close));
        CHECK(all.gradient[0] == 0);
        CHECK(all.gradient[3] == 0);
        const std::size_t place[] = {1, 2, 4};
        for (std::size_t i = 0; i < 3; ++i)
          CHECK(std::abs(all.gradient[place[i]] - few.gradient[i]) <= close * std::abs(weight));
      }
}

TEST_CASE_TEMPLATE("one choice left: no entropy, no gradient", T, float, double) {
  for (const std::string& backend : backend_names()) {
    const auto one = pull<T>(entropy, {-inf, 0.3, -inf}, {0, 0, 0}, 1, backend);
    CHECK(one.value == 0);
    for (const T g : one.gradient) CHECK(g == 0);
  }
}

TEST_CASE_TEMPLATE("a choice that q alone masks makes the divergence infinite, one that p alone masks does not", T,
                   float, double) {
  for (const std::string& backend : backend_names()) {
    CHECK(pull<T>(kl_to, {0.1, 0.2}, {-inf, 1}, 1, backend).value == std::numeric_limits<T>::infinity());
    const auto p = pull<T>(kl_to, {-inf, 0.2}, {0.5, 0.5}, 1, backend);
    CHECK(p.value == doctest::Approx(std::log(2.0)));
    CHECK(p.gradient[0] == 0);
  }
}
