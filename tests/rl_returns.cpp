#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <pigrad/core/error.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/rl/advantage.hpp>
#include <pigrad/rl/returns.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

using Reals = std::vector<double>;

// A random [T×E] rollout whose rows end anywhere, the last step included. Value after a step: 0 if terminated, a number
// of its own at a time limit and at the edge, else the next row's.
struct Paths {
  int steps, copies;
  Reals reward, value, next_value;
  std::vector<std::uint8_t> terminated, truncated;

  Paths(int t, int e, std::uint64_t seed) : steps(t), copies(e) {
    const Random random(seed, Purpose::test);
    for (int row = 0; row < rows(); ++row) {
      const auto r = static_cast<std::uint32_t>(row);
      reward.push_back(random.normal<double>(r, 0));
      value.push_back(random.normal<double>(r, 1));
      const double end = random.uniform<double>(r, 2);
      terminated.push_back(end < 0.12);
      truncated.push_back(end > 0.06 && end < 0.2);
    }
    for (int row = 0; row < rows(); ++row) {
      const bool inside = !ends(row) && row + copies < rows();
      const double own = random.normal<double>(static_cast<std::uint32_t>(row), 3);
      next_value.push_back(terminated[at(row)] ? 0 : inside ? value[at(row + copies)] : own);
    }
  }

  static std::size_t at(int row) { return static_cast<std::size_t>(row); }
  int rows() const { return steps * copies; }
  bool ends(int row) const { return terminated[at(row)] || truncated[at(row)]; }
  Path<double> path() const { return {steps, copies, reward.data(), terminated.data(), truncated.data()}; }
  int first(int row) const {
    while (row >= copies && !ends(row - copies)) row -= copies;
    return row;
  }
  int last(int row) const {
    while (row + copies < rows() && !ends(row)) row += copies;
    return row;
  }
  // Σ_{k≥0} weightᵏ of f(row + k) to the end of the path.
  double sum(int row, double weight, const std::function<double(int)>& f, int end = -1) const {
    double total = 0;
    const int stop = end < 0 ? last(row) : end;
    for (int r = row, k = 0; r <= stop; r += copies, ++k) total += std::pow(weight, k) * f(r);
    return total;
  }
  double reward_sum(int row, double gamma, bool bootstrap) const {
    const int end = last(row), length = (end - row) / copies + 1;
    return sum(row, gamma, [&](int r) { return reward[at(r)]; }) +
           (bootstrap ? std::pow(gamma, length) * next_value[at(end)] : 0);
  }
  double delta(int row, double gamma) const { return reward[at(row)] + gamma * next_value[at(row)] - value[at(row)]; }
  double n_step(int row, double gamma, int n) const {
    const int end = std::min(last(row), row + (n - 1) * copies), length = (end - row) / copies + 1;
    return sum(
               row, gamma, [&](int r) { return reward[at(r)]; }, end) +
           std::pow(gamma, length) * next_value[at(end)];
  }
};

const std::vector<Paths>& samples() {
  static const std::vector<Paths> list = {{60, 1, 1}, {40, 7, 2}, {1, 5, 3}, {1, 1, 4}, {200, 3, 5}, {2, 64, 6}};
  return list;
}

void check_equal(const Reals& out, const std::function<double(int)>& expected) {
  for (int row = 0; row < static_cast<int>(out.size()); ++row) {
    INFO("row ", row);
    CHECK(std::abs(out[Paths::at(row)] - expected(row)) < 1e-12 * (1 + std::abs(expected(row))));
  }
}

template <class F>
Reals filled(const Paths& p, const F& f) {
  Reals out(static_cast<std::size_t>(p.rows()), 99);
  f(out.data());
  return out;
}

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("the random paths have every kind of row") {
  int terminated = 0, truncated = 0, both = 0, inside = 0, last = 0;
  for (const Paths& p : samples())
    for (int row = 0; row < p.rows(); ++row) {
      const bool a = p.terminated[Paths::at(row)], b = p.truncated[Paths::at(row)];
      terminated += a && !b, truncated += b && !a, both += a && b, inside += !a && !b;
      last += (a || b) && row + p.copies >= p.rows();
    }
  CHECK(std::min({terminated, truncated, both, last}) >= 5);
  CHECK(inside > 500);
}

TEST_CASE("returns are the direct sums") {
  for (const Paths& p : samples())
    for (const double gamma : {0.0, 0.5, 0.99, 1.0}) {
      const auto to_go = filled(p, [&](double* o) { return_to_go(p.path(), gamma, p.next_value.data(), o); });
      check_equal(to_go, [&](int r) { return p.reward_sum(r, gamma, true); });
      const auto bare = filled(p, [&](double* o) { return_to_go<double>(p.path(), gamma, nullptr, o); });
      check_equal(bare, [&](int r) { return p.reward_sum(r, gamma, false); });
      const auto total = filled(p, [&](double* o) { total_return(p.path(), gamma, p.next_value.data(), o); });
      check_equal(total, [&](int r) { return p.reward_sum(p.first(r), gamma, true); });
      const auto delta =
          filled(p, [&](double* o) { td_error(p.path(), gamma, p.value.data(), p.next_value.data(), o); });
      check_equal(delta, [&](int r) { return p.delta(r, gamma); });
      for (const int n : {1, 2, 5, 1000}) {
        const auto out = filled(p, [&](double* o) { n_step_return(p.path(), gamma, n, p.next_value.data(), o); });
        check_equal(out, [&](int r) { return p.n_step(r, gamma, n); });
      }
    }
}

TEST_CASE("the generalised advantage is the sum of γλ-weighted TD errors, and its closed forms") {
  for (const Paths& p : samples())
    for (const double gamma : {0.9, 1.0}) {
      const auto with = [&](double lambda) {
        return filled(p, [&](double* o) { gae(p.path(), gamma, lambda, p.value.data(), p.next_value.data(), o); });
      };
      for (const double lambda : {0.0, 0.7, 0.97, 1.0})
        check_equal(with(lambda),
                    [&](int row) { return p.sum(row, gamma * lambda, [&](int r) { return p.delta(r, gamma); }); });
      check_equal(with(0), [&](int r) { return p.delta(r, gamma); });
      check_equal(with(1), [&](int r) { return p.reward_sum(r, gamma, true) - p.value[Paths::at(r)]; });
      const double lambda = 0.8;
      check_equal(with(lambda), [&](int row) {
        const int left = (p.last(row) - row) / p.copies + 1;
        double average = std::pow(lambda, left - 1) * p.n_step(row, gamma, left);
        for (int n = 1; n < left; ++n) average += (1 - lambda) * std::pow(lambda, n - 1) * p.n_step(row, gamma, n);
        return average - p.value[Paths::at(row)];
      });
    }
}

TEST_CASE("an n-step return minus V is a telescoping sum of TD errors") {
  for (const Paths& p : samples())
    for (const int n : {1, 3, 8}) {
      const double gamma = 0.95;
      const auto out = filled(p, [&](double* o) { n_step_return(p.path(), gamma, n, p.next_value.data(), o); });
      check_equal(out, [&](int row) {
        const int end = std::min(p.last(row), row + (n - 1) * p.copies);
        return p.value[Paths::at(row)] + p.sum(
                                             row, gamma, [&](int r) { return p.delta(r, gamma); }, end);
      });
    }
}

TEST_CASE("no estimate reads another path") {
  const Paths p(50, 4, 7);
  const auto all = [](const Paths& q) {
    const Path<double> path = q.path();
    const double *v = q.value.data(), *next = q.next_value.data();
    std::vector<Reals> out;
    out.push_back(filled(q, [&](double* o) { return_to_go(path, 0.9, next, o); }));
    out.push_back(filled(q, [&](double* o) { total_return(path, 0.9, next, o); }));
    out.push_back(filled(q, [&](double* o) { td_error(path, 0.9, v, next, o); }));
    out.push_back(filled(q, [&](double* o) { n_step_return(path, 0.9, 6, next, o); }));
    out.push_back(filled(q, [&](double* o) { gae(path, 0.9, 0.9, v, next, o); }));
    return out;
  };
  const auto before = all(p);
  for (int row = 0; row < p.rows(); ++row) {
    if (p.first(row) != row) continue;
    Paths changed = p;
    for (int r = 0; r < p.rows(); ++r)
      if (r % p.copies != row % p.copies || p.first(r) != row) {
        changed.reward[Paths::at(r)] = 1e6 + r;
        changed.value[Paths::at(r)] = -1e6 - r;
        changed.next_value[Paths::at(r)] = 3e6 + r;
      }
    const auto after = all(changed);
    for (std::size_t k = 0; k < before.size(); ++k)
      for (int r = row; r <= p.last(row); r += p.copies) CHECK(before[k][Paths::at(r)] == after[k][Paths::at(r)]);
  }
}

TEST_CASE("the weight γᵗ counts from the start of the episode, which may lie before the rollout") {
  const Paths p(30, 3, 8);
  const std::vector<int> first = {0, 4, 11};
  const auto out = filled(p, [&](double* o) { discount_weight(p.path(), 0.9, first.data(), o); });
  check_equal(out, [&](int row) {
    const int begin = p.first(row), t = (row - begin) / p.copies;
    return std::pow(0.9, t + (begin < p.copies ? first[Paths::at(begin)] : 0));
  });
  const auto none = filled(p, [&](double* o) { discount_weight(p.path(), 0.9, nullptr, o); });
  check_equal(none, [&](int row) { return std::pow(0.9, (row - p.first(row)) / p.copies); });
}

TEST_CASE("every estimator by its name, with baseline and γᵗ") {
  const Paths p(40, 5, 9);
  const std::vector<int> first = {0, 2, 0, 7, 1};
  AdvantageInput<double> in;
  in.path = p.path();
  in.gamma = 0.9;
  in.lambda = 0.8;
  in.n = 3;
  in.value = p.value.data();
  in.next_value = p.next_value.data();
  in.first_step = first.data();
  Reals q(p.value.rbegin(), p.value.rend());
  in.action_value = q.data();
  const auto value = [&](int r) { return p.value[Paths::at(r)]; };
  const std::vector<std::pair<std::string, std::function<double(int)>>> list = {
      {"total_return", [&](int r) { return p.reward_sum(p.first(r), 0.9, true); }},
      {"reward_to_go", [&](int r) { return p.reward_sum(r, 1, true); }},
      {"return_to_go", [&](int r) { return p.reward_sum(r, 0.9, true); }},
      {"n_step", [&](int r) { return p.n_step(r, 0.9, 3); }},
      {"td_error", [&](int r) { return p.delta(r, 0.9) + value(r); }},
      {"gae", [&](int r) { return value(r) + p.sum(r, 0.72, [&](int k) { return p.delta(k, 0.9); }); }},
      {"q", [&](int r) { return in.action_value[r]; }},
  };
  CHECK(advantage_estimators<double>().size() == list.size());
  for (const auto& item : list)
    for (const bool baseline : {false, true})
      for (const bool discount_time : {false, true}) {
        const std::string& name = item.first;
        CAPTURE(name);
        AdvantageSettings s;
        s.estimator = name;
        s.baseline = baseline;
        s.discount_time = discount_time;
        Reals out;
        estimate_advantage(s, in, out);
        const bool inside = name == "gae" || name == "td_error";
        check_equal(out, [&](int r) {
          const int begin = p.first(r);
          const int t = (r - begin) / p.copies + (begin < p.copies ? first[Paths::at(begin)] : 0);
          return (item.second(r) - (baseline || inside ? value(r) : 0)) * (discount_time ? std::pow(0.9, t) : 1);
        });
      }
}

TEST_CASE("estimators that need V(s) say so, unknown ones list what there is") {
  const Paths p(4, 1, 10);
  AdvantageInput<double> in;
  in.path = p.path();
  in.next_value = p.next_value.data();
  Reals out;
  AdvantageSettings s;
  for (const char* name : {"gae", "td_error", "n_step"}) {
    s.estimator = name;
    s.baseline = false;
    CHECK(message([&] { estimate_advantage(s, in, out); }) ==
          std::string("advantage.estimator: ") + name +
              " needs V(s), and this algorithm has no critic; use return_to_go with advantage.baseline=false, or "
              "algorithm=a2c");
  }
  s.estimator = "return_to_go";
  s.baseline = true;
  CHECK(message([&] { estimate_advantage(s, in, out); }).find("return_to_go with a baseline needs V(s)") !=
        std::string::npos);
  s.baseline = false;
  CHECK_NOTHROW(estimate_advantage(s, in, out));
  s.estimator = "gea";
  CHECK(
      message([&] { estimate_advantage(s, in, out); }) ==
      "advantage.estimator: there is no 'gea'; use one of: total_return, reward_to_go, return_to_go, td_error, n_step, "
      "gae, q");
  CHECK(message([&] { n_step_return(p.path(), 0.9, 0, p.next_value.data(), out.data()); }) ==
        "n_step_return: n is 0; give at least 1 step");
}

TEST_CASE("a masked reset row cuts paths: sums and γᵗ begin anew after it") {
  // One copy: an episode of two steps, its reset row, an episode that goes on.
  const std::vector<double> reward = {1, 2, 0, 4, 8};
  const std::vector<std::uint8_t> terminated = {0, 1, 0, 0, 0}, truncated(5, 0), valid = {1, 1, 0, 1, 1};
  const Path<double> path{5, 1, reward.data(), terminated.data(), truncated.data(), valid.data()};
  std::vector<double> out(5);
  total_return<double>(path, 0.5, nullptr, out.data());
  CHECK(out[0] == 2);
  CHECK(out[1] == 2);
  CHECK(out[3] == 8);
  CHECK(out[4] == 8);
  const int first = 3;
  discount_weight<double>(path, 0.5, &first, out.data());
  CHECK(out[0] == 0.125);
  CHECK(out[3] == 1);
  CHECK(out[4] == 0.5);
}
