#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <pigrad/nn/distribution.hpp>

#include "pull.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

constexpr double tau = 6.283185307179586;

using Leaves = std::map<std::string, Tensor>;

/// One row of output for every row of the batch.
Values repeat(const Values& row, std::size_t rows) {
  Values all;
  for (std::size_t r = 0; r < rows; ++r) all.insert(all.end(), row.begin(), row.end());
  return all;
}

/// Σ over rows of a gradient [B×columns].
Values total(const Values& gradient, std::size_t columns) {
  Values sum(columns);
  for (std::size_t i = 0; i < gradient.size(); ++i) sum[i % columns] += gradient[i];
  return sum;
}

double largest(const Values& values) {
  double most = 0;
  for (const double x : values) most = std::isnan(x) ? INFINITY : std::max(most, std::abs(x));
  return most;
}

/// A policy that gives the same `output` in every state, and all its actions (categorical) or a grid of them (gaussian)
/// with their probabilities, so that Σ weight·f(action) is E f.
struct Policy {
  std::unique_ptr<Distribution> distribution;
  ParameterLayout layout;
  Values parameters, output;
  std::vector<std::int32_t> index;
  Values action;  ///< row-major
  Values weight;

  Policy(const DistributionSettings& settings, const Values& logits) : output(logits) {
    distribution = make_distribution(settings, static_cast<int>(output.size()), true, "test");
    double sum = 0;
    for (const double z : output) sum += std::exp(z);
    for (std::size_t a = 0; a < output.size(); ++a) {
      index.push_back(static_cast<std::int32_t>(a));
      weight.push_back(std::exp(output[a]) / sum);
    }
  }

  /// Trapezium sums of a smooth density that vanishes at both ends converge faster than any power of the step.
  Policy(const DistributionSettings& settings, const Values& from, const Values& spread, const double (&mean)[2],
         const double (&deviation)[2])
      : output(from) {
    distribution = make_distribution(settings, 2, false, "test");
    distribution->add_parameters(layout, "policy");
    parameters = Values(spread.begin(), spread.begin() + layout.size());
    const double step = 0.4;
    for (int i = -25; i <= 25; ++i)
      for (int j = -25; j <= 25; ++j) {
        const double x = step * i, y = step * j;
        action.insert(action.end(), {mean[0] + deviation[0] * x, mean[1] + deviation[1] * y});
        weight.push_back(step * step * std::exp(-(x * x + y * y) / 2) / tau);
      }
  }

  std::size_t rows() const { return weight.size(); }

  /// @param columns of what is recorded; the cotangent has them in each row
  Pulled pull_back(const std::function<Tensor(const Leaves&)>& record, const Values& cotangent,
                   std::size_t columns = 1) const {
    const std::size_t count = cotangent.size() / columns;
    Function f;
    f.layout = layout;
    f.parameters = parameters;
    f.batch("output", static_cast<int>(output.size()), repeat(output, count));
    if (distribution->discrete()) f.action = index;
    if (!distribution->discrete() && count == rows()) f.batch("action", 2, action);
    f.cotangent = cotangent;
    f.record = [&](Tape&, const Leaves& leaves) { return record(leaves); };
    return pull<double>(f, true);
  }
  Pulled log_prob(const Values& cotangent) const {
    return pull_back([&](const Leaves& x) { return distribution->log_prob(x.at("output"), x.at("action")); },
                     cotangent);
  }
};

std::vector<Policy> policies() {
  std::vector<Policy> all;
  for (const char* form : {"log_softmax", "log_of_softmax"})
    all.push_back(Policy({.log_prob = form}, {0.3, -1.2, 2, 0, -4}));
  const double mean[2] = {0.4, -1.5}, deviation[2] = {0.5, 2};
  for (const char* meaning : {"log_std", "log_variance"}) {
    const double unit = meaning == std::string("log_std") ? 1 : 2;
    const Values spread = {unit * std::log(0.5), unit * std::log(2.0)};
    const Values both = {mean[0], mean[1], spread[0], spread[1]};
    all.push_back(Policy({.name = "gaussian", .spread = "learned", .spread_is = meaning}, {mean[0], mean[1]}, spread,
                         mean, deviation));
    all.push_back(Policy({.name = "gaussian", .spread = "state", .spread_is = meaning}, both, {}, mean, deviation));
  }
  return all;
}

}  // namespace

TEST_CASE("probabilities add up to 1, the mean score is 0, and the entropy is −E ln π") {
  for (const Policy& p : policies()) {
    CAPTURE(p.distribution->name());
    CAPTURE(p.distribution->settings().spread_is);
    CAPTURE(p.output.size());
    const Pulled score = p.log_prob(p.weight);
    double whole = 0, entropy = 0;
    for (std::size_t r = 0; r < p.rows(); ++r) {
      whole += p.distribution->discrete() ? std::exp(score.value[r]) : p.weight[r];
      entropy -= p.weight[r] * score.value[r];
    }
    CHECK(whole == doctest::Approx(1).epsilon(1e-13));
    CHECK(largest(total(score.gradient.at("output"), p.output.size())) < 1e-13);
    for (const Segment& s : p.layout.segments()) CHECK(largest(score.gradient.at(s.name)) < 1e-13);
    CHECK(largest(score.gradient.at("output")) > 1e-3);

    const Pulled exact = p.pull_back([&](const Leaves& x) { return p.distribution->entropy(x.at("output")); },
                                     Values(p.distribution->discrete() ? p.rows() : 1, 1.0));
    CHECK(exact.value[0] == doctest::Approx(entropy).epsilon(1e-13));
  }
}

TEST_CASE("the entropy's gradient is −E ln π ∇ln π") {
  for (const Policy& p : policies()) {
    CAPTURE(p.distribution->name());
    CAPTURE(p.distribution->settings().spread_is);
    CAPTURE(p.output.size());
    Values weight = p.log_prob(p.weight).value;
    for (std::size_t r = 0; r < p.rows(); ++r) weight[r] *= -p.weight[r];
    const Pulled by_score = p.log_prob(weight);
    Values cotangent(p.distribution->discrete() ? p.rows() : 1, 0.0);
    cotangent[0] = 1;
    const Pulled exact =
        p.pull_back([&](const Leaves& x) { return p.distribution->entropy(x.at("output")); }, cotangent);
    Values expected = total(by_score.gradient.at("output"), p.output.size());
    Values found = exact.gradient.at("output");
    found.resize(p.output.size());
    for (const Segment& s : p.layout.segments()) {
      for (const double g : by_score.gradient.at(s.name)) expected.push_back(g);
      for (const double g : exact.gradient.at(s.name)) found.push_back(g);
    }
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-12));
    CHECK(largest(expected) > 0.1);
  }
}

TEST_CASE("KL(p‖q) is E_p(ln p − ln q), and 0 with no gradient where p is q") {
  for (const Policy& p : policies()) {
    const Distribution& d = *p.distribution;
    CAPTURE(d.name());
    CAPTURE(d.settings().spread_is);
    CAPTURE(p.output.size());
    const auto n = static_cast<int>(p.output.size());
    Policy q =
        d.discrete() ? Policy(d.settings(), p.output) : Policy(d.settings(), p.output, p.parameters, {0, 0}, {1, 1});
    for (std::size_t i = 0; i < q.output.size(); ++i) q.output[i] += i % 2 ? 0.7 : -0.2;
    for (double& x : q.parameters) x += 0.3;
    q.action = p.action;
    q.weight = p.weight;
    const Values ln_p = p.log_prob(p.weight).value, ln_q = q.log_prob(p.weight).value;
    double expected = 0;
    for (std::size_t r = 0; r < p.rows(); ++r) expected += p.weight[r] * (ln_p[r] - ln_q[r]);
    CHECK(expected > 0.01);

    const auto statistics_of = [&](const Policy& policy) {
      const std::size_t rows = d.discrete() ? policy.rows() : 1;
      const Pulled pulled =
          policy.pull_back([&](const Leaves& x) { return policy.distribution->statistics(x.at("output")); },
                           Values(rows * static_cast<std::size_t>(d.statistics_columns()), 0.0),
                           static_cast<std::size_t>(d.statistics_columns()));
      return Values(pulled.value.begin(), pulled.value.begin() + d.statistics_columns());
    };
    Function f;
    f.batch("p", d.statistics_columns(), statistics_of(p));
    f.batch("q", d.statistics_columns(), statistics_of(q));
    f.cotangent = {1};
    f.record = [&](Tape&, const Leaves& x) { return d.kl(x.at("p"), x.at("q")); };
    CHECK(pull<double>(f, true).value[0] == doctest::Approx(expected).epsilon(1e-12));

    Function same;
    same.layout = p.layout;
    same.parameters = p.parameters;
    same.batch("output", n, p.output);
    same.cotangent = {1};
    same.record = [&](Tape&, const Leaves& x) {
      const Tensor s = p.distribution->statistics(x.at("output"));
      return d.kl(stop_gradient(s), s);
    };
    const Pulled none = pull<double>(same, true);
    CHECK(std::abs(none.value[0]) < 1e-15);
    for (const auto& [leaf, gradient] : none.gradient) CHECK(largest(gradient) < 1e-15);
  }
}

TEST_CASE("the Hessian of KL(stop_gradient(π)‖π) is the Fisher matrix, of a learned spread too") {
  for (const char* meaning : {"log_std", "log_variance"}) {
    CAPTURE(meaning);
    const auto d = make_distribution({.name = "gaussian", .spread = "learned", .spread_is = meaning}, 2, false, "test");
    ParameterLayout layout;
    layout.add("mean", 1, 2);
    d->add_parameters(layout, "policy");
    const double unit = meaning == std::string("log_std") ? 1 : 2;
    const Values parameters = {0.3, -2, unit * std::log(0.5), unit * std::log(3.0)}, along = {1, -2, 3, 0.5};
    Tape tape(layout);
    const Tensor rows = tape.input("rows", 1), s = d->statistics(expand(tape.parameter("mean"), rows));
    const Program program = tape.program(mean(d->kl(stop_gradient(s), s)));
    const Values any(5);
    Bindings<double> b(program);
    b.parameters(parameters.data(), along.data());
    b.input("rows", any.data(), 0);
    b.rows(5);
    Values gradient(4), product(4);
    Workspace<Dual<double>>(program).run(b, Sink<double>::sum(gradient.data(), product.data()));
    const double of_spread = unit == 1 ? 2 : 0.5;
    const Values fisher = {1 / 0.25, 1 / 9.0, of_spread, of_spread};
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(std::abs(gradient[i]) < 1e-15);
      CHECK(product[i] == doctest::Approx(fisher[i] * along[i]).epsilon(1e-13));
    }
  }
}

TEST_CASE("sampled actions have a score of mean 0 and E(ln π) = −H, within four standard errors") {
  for (const Policy& p : policies()) {
    const Distribution& d = *p.distribution;
    CAPTURE(d.name());
    CAPTURE(d.settings().spread_is);
    CAPTURE(p.output.size());
    const int n = 40000, width = d.statistics_columns();
    Policy drawn =
        d.discrete() ? Policy(d.settings(), p.output) : Policy(d.settings(), p.output, p.parameters, {0, 0}, {1, 1});
    Values statistics = p.output;
    if (d.discrete()) {
      for (double& z : statistics) z -= 100;
    } else {
      const double spreads[] = {std::log(0.5), std::log(2.0)};
      statistics = {p.output[0], p.output[1], spreads[0], spreads[1]};
    }
    REQUIRE(static_cast<int>(statistics.size()) == width);
    drawn.index.assign(static_cast<std::size_t>(n), 0);
    drawn.action.assign(static_cast<std::size_t>(2 * n), 0);
    drawn.weight.assign(static_cast<std::size_t>(n), 1.0 / n);
    d.sample(n, View<const double>{statistics.data(), 1, 0}, Random(9, Purpose::action), 0, 0, drawn.index.data(),
             View<double>{drawn.action.data(), 1, 2}, nullptr);
    const Pulled score = drawn.log_prob(drawn.weight);
    const Values& rows = score.gradient.at("output");
    const Values mean = total(rows, p.output.size());
    for (std::size_t c = 0; c < mean.size(); ++c) {
      double square = 0;
      for (std::size_t r = 0; r < static_cast<std::size_t>(n); ++r)
        square += n * rows[r * mean.size() + c] * rows[r * mean.size() + c];
      CHECK(std::abs(mean[c]) < 4 * std::sqrt(square / n));
      CHECK(square > 0);
    }
    double average = 0, square = 0, entropy = 0;
    for (const double l : score.value) average += l / n, square += l * l / n;
    const Values exact = p.log_prob(p.weight).value;
    for (std::size_t r = 0; r < p.rows(); ++r) entropy -= p.weight[r] * exact[r];
    CHECK(std::abs(average + entropy) < 4 * std::sqrt((square - average * average) / n));
  }
}
