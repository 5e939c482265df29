#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../exercises/checker/checks.hpp"

using namespace exercise;
using Reals = std::vector<double>;

namespace {

Reals right_score(const Reals& z, int action) {
  const double most = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (const double x : z) sum += std::exp(x - most);
  Reals out;
  for (const double x : z) out.push_back(-std::exp(x - most) / sum);
  out[static_cast<std::size_t>(action)] += 1;
  return out;
}

Reals right_leave_one_out(const Reals& returns) {
  double sum = 0;
  for (const double g : returns) sum += g;
  Reals psi;
  for (const double g : returns) psi.push_back(g - (sum - g) / static_cast<double>(returns.size() - 1));
  return psi;
}

Reals right_gae(const std::vector<Step>& path, double gamma, double lambda) {
  Reals advantage(path.size());
  double later = 0;
  for (std::size_t t = path.size(); t-- > 0;) {
    const double delta = path[t].reward + gamma * path[t].next_value - path[t].value;
    advantage[t] = later = delta + (path[t].cut ? 0 : gamma * lambda * later);
  }
  return advantage;
}

Reals right_next_values(const std::vector<Transition>& steps, double edge_value) {
  Reals next;
  for (std::size_t t = 0; t < steps.size(); ++t)
    next.push_back(steps[t].terminated     ? 0
                   : steps[t].truncated    ? steps[t].final_value
                   : t + 1 == steps.size() ? edge_value
                                           : steps[t + 1].value);
  return next;
}

double right_pull(double ratio, double advantage, double epsilon) {
  const bool gone = advantage > 0 ? ratio > 1 + epsilon : ratio < 1 - epsilon;
  return gone ? 0 : ratio * advantage;
}

void check_refused(const Verdict& verdict, const char* why) {
  CHECK_FALSE(verdict.right);
  CAPTURE(verdict.words);
  CHECK(verdict.words.find(why) != std::string::npos);
  CHECK(verdict.words.find("yours is") != std::string::npos);
}

}  // namespace

TEST_CASE("the checkers pass right solutions, and say what was compared") {
  for (const Verdict& verdict : {check_score(right_score), check_leave_one_out(right_leave_one_out),
                                 check_gae(right_gae), check_next_values(right_next_values), check_pull(right_pull)}) {
    CAPTURE(verdict.words);
    CHECK(verdict.right);
    CHECK(verdict.words.find("agree") != std::string::npos);
  }
}

TEST_CASE("exercise 1: each usual mistake is refused by name") {
  check_refused(check_score([](const Reals& z, int a) {
                  Reals s = right_score(z, a);
                  const double p = 1 - s[static_cast<std::size_t>(a)];
                  for (double& x : s) x *= p;
                  return s;
                }),
                "That is ∇π");
  check_refused(check_score([](const Reals& z, int a) {
                  Reals s = right_score(z, a);
                  for (double& x : s) x = -x;
                  return s;
                }),
                "the other sign");
  check_refused(check_score([](const Reals& z, int a) {
                  Reals s(z.size(), 0);
                  s[static_cast<std::size_t>(a)] = 1;
                  return s;
                }),
                "e_a alone");
  // Right but for overflow.
  check_refused(check_score([](const Reals& z, int a) {
                  double sum = 0;
                  for (const double x : z) sum += std::exp(x);
                  Reals s;
                  for (const double x : z) s.push_back(-std::exp(x) / sum);
                  s[static_cast<std::size_t>(a)] += 1;
                  return s;
                }),
                "These logits are large");
  check_refused(check_score([](const Reals& z, int) { return Reals(z.size(), NAN); }), "add up to 0");
  const Verdict short_one = check_score([](const Reals&, int) { return Reals{}; });
  CHECK_FALSE(short_one.right);
  CHECK(short_one.words.find("has 0 numbers") != std::string::npos);
}

TEST_CASE("exercise 2: a baseline that sees the own return is refused") {
  check_refused(check_leave_one_out([](const Reals& returns) {
                  double mean = 0;
                  for (const double g : returns) mean += g / static_cast<double>(returns.size());
                  Reals psi;
                  for (const double g : returns) psi.push_back(g - mean);
                  return psi;
                }),
                "the mean of the whole batch");
  check_refused(check_leave_one_out([](const Reals& returns) { return returns; }), "Nothing was subtracted");
}

TEST_CASE("exercise 3: sums across cuts, a lost γ, a lost bootstrap are refused by name") {
  const auto with = [](bool across, bool lose_bootstrap, bool lose_gamma) {
    return check_gae([=](const std::vector<Step>& path, double gamma, double lambda) {
      Reals out(path.size());
      double later = 0;
      for (std::size_t t = path.size(); t-- > 0;) {
        const bool cut = path[t].cut;
        const double next = lose_bootstrap && cut ? 0 : path[t].next_value;
        const double delta = path[t].reward + gamma * next - path[t].value;
        out[t] = later = delta + (cut && !across ? 0 : (lose_gamma ? 1 : gamma) * lambda * later);
      }
      return out;
    });
  };
  check_refused(with(true, false, false), "runs across a cut");
  check_refused(with(false, true, false), "lost its γV'");
  check_refused(with(false, false, true), "λ alone");
}

TEST_CASE("exercise 4: the three ways to mistake an end are refused by name") {
  const auto with = [](auto next) {
    return check_next_values([next](const std::vector<Transition>& steps, double edge) {
      Reals out;
      for (std::size_t t = 0; t < steps.size(); ++t) {
        const double following = t + 1 == steps.size() ? edge : steps[t + 1].value;
        out.push_back(next(steps[t], following));
      }
      return out;
    });
  };
  check_refused(with([](const Transition& s, double v) { return s.terminated || s.truncated ? 0 : v; }),
                "A time limit was taken for an end");
  check_refused(with([](const Transition& s, double v) { return s.terminated || s.truncated ? s.final_value : v; }),
                "A true end was bootstrapped");
  check_refused(with([](const Transition& s, double v) { return s.terminated ? 0 : v; }), "a new episode's start");
  check_refused(with([](const Transition& s, double v) { return s.truncated    ? s.final_value
                                                                : s.terminated ? 0
                                                                               : v; }),
                "an end on the limit's own step is an end");
}

TEST_CASE("exercise 5: a mask on both sides, no mask, and a lost ratio are refused by name") {
  check_refused(check_pull([](double r, double a, double e) { return std::abs(r - 1) > e ? 0 : r * a; }),
                "on both sides");
  check_refused(check_pull([](double r, double a, double) { return r * a; }), "no gradient comes through");
  check_refused(check_pull([](double r, double a, double e) { return std::clamp(r, 1 - e, 1 + e) * a; }),
                "value of the clipped arm");
  check_refused(check_pull([](double, double a, double) { return a; }), "the ratio is a factor");
}
