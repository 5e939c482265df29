#include <algorithm>
#include <pigrad/rl/returns.hpp>

#include "compare.hpp"

namespace exercise {
namespace {

std::vector<double> right_gae(const std::vector<Step>& path, double gamma, double lambda, bool never_cut) {
  std::vector<double> reward, value, next;
  std::vector<std::uint8_t> ended, none(path.size(), 0);
  for (const Step& step : path) {
    reward.push_back(step.reward);
    value.push_back(step.value);
    next.push_back(step.next_value);
    ended.push_back(step.cut ? 1 : 0);
  }
  const pigrad::Path<double> rows{static_cast<int>(path.size()), 1, reward.data(), ended.data(), none.data()};
  std::vector<double> out(path.size());
  pigrad::gae(rows, gamma, lambda, value.data(), next.data(), out.data(), never_cut);
  return out;
}

enum class Rule { right, limit_ends, end_goes_on, limit_reads_next, edge_is_zero };

std::vector<double> next_by(Rule rule, const std::vector<Transition>& steps, double edge_value) {
  std::vector<double> out(steps.size());
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const Transition& step = steps[t];
    const bool last = t + 1 == steps.size();
    const double following = last ? (rule == Rule::edge_is_zero ? 0 : edge_value) : steps[t + 1].value;
    if (step.terminated) {
      out[t] = rule == Rule::end_goes_on ? step.final_value : 0;
    } else if (step.truncated) {
      out[t] = rule == Rule::limit_ends ? 0 : rule == Rule::limit_reads_next ? following : step.final_value;
    } else {
      out[t] = following;
    }
  }
  return out;
}

std::string describe(const std::vector<Transition>& steps) {
  std::string text;
  for (const Transition& step : steps) {
    const char* how = step.terminated && step.truncated ? " both"
                      : step.terminated                 ? " end"
                      : step.truncated                  ? " limit"
                                                        : "";
    text += (text.empty() ? "" : ", ") + ("V=" + number(step.value)) + how;
    if (*how) text += " (final V=" + number(step.final_value) + ")";
  }
  return text;
}

}  // namespace

Verdict check_leave_one_out(const std::function<decltype(leave_one_out)>& solution) {
  Draws draw;
  for (std::size_t n = 2; n < 12; ++n) {
    std::vector<double> returns(n);
    double sum = 0;
    for (double& g : returns) sum += g = n == 2 ? 1 + 2 * static_cast<double>(&g - returns.data()) : draw(-5, 20);
    std::vector<double> right, batch, divided;
    for (const double g : returns) {
      right.push_back(g - (sum - g) / static_cast<double>(n - 1));
      batch.push_back(g - sum / static_cast<double>(n));
      divided.push_back(g - (sum - g) / static_cast<double>(n));
    }
    const Verdict verdict = compare(
        "leave_one_out(" + list(returns) + ")", solution(returns), right,
        {{batch,
          "That is the mean of the whole batch. It contains the own return, and with it the own action: the "
          "gradient shrinks to 1 − 1/N of itself."},
         {divided, "The own return was left out of the sum, but the sum is still divided by N instead of N − 1."},
         {returns, "Nothing was subtracted."}});
    if (!verdict.right) return verdict;
  }
  return {true, "Ten batches of 2 to 11 returns agree; none sees its own return in its baseline."};
}

Verdict check_gae(const std::function<decltype(gae)>& solution) {
  Draws draw;
  int compared = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const double gamma = trial % 3 == 0 ? 1 : draw(0.5, 1), lambda = trial % 5 == 0   ? 0
                                                                     : trial % 5 == 1 ? 1
                                                                                      : draw(0, 1);
    std::vector<Step> path(static_cast<std::size_t>(1 + trial / 4));
    for (std::size_t t = 0; t < path.size(); ++t) {
      const bool cut = t + 1 == path.size() || draw.coin(0.25);
      path[t] = {draw(-1, 2), draw(-3, 3), cut && draw.coin(0.5) ? 0 : draw(-3, 3), cut};
    }
    const std::vector<double> right = right_gae(path, gamma, lambda, false);
    std::vector<double> delta, forgets_gamma(path.size()), cut_value(path.size());
    double carried = 0, other = 0;
    for (const Step& step : path) delta.push_back(step.reward + gamma * step.next_value - step.value);
    for (std::size_t t = path.size(); t-- > 0;) {
      forgets_gamma[t] = carried = delta[t] + (path[t].cut ? 0 : lambda * carried);
      const double own = path[t].reward + (path[t].cut ? 0 : gamma * path[t].next_value) - path[t].value;
      cut_value[t] = other = own + (path[t].cut ? 0 : gamma * lambda * other);
    }
    std::string call =
        "gae of " + std::to_string(path.size()) + " steps, γ = " + number(gamma) + ", λ = " + number(lambda);
    for (std::size_t t = 0; t < std::min<std::size_t>(path.size(), 4); ++t)
      call += (t ? "; r = " : ": r = ") + number(path[t].reward) + ", V = " + number(path[t].value) +
              ", V' = " + number(path[t].next_value) + (path[t].cut ? ", cut" : "");
    if (path.size() > 4) call += "; …";
    const Verdict verdict =
        compare(call, solution(path, gamma, lambda), right,
                {{right_gae(path, gamma, lambda, true),
                  "The sum runs across a cut: the advantage of another episode leaks into this one."},
                 {cut_value,
                  "δ lost its γV' where the path is cut. next_value is already 0 at a true end; at a time limit or the "
                  "edge it is not, and belongs in δ."},
                 {forgets_gamma, "The recursion multiplies by λ alone. Each later δ weighs γλ."},
                 {delta, "Those are the TD errors, λ = 0. The later ones are still to be added."}},
                "Â_t = δ_t + γλ·(cut ? 0 : Â_{t+1}), from the last step to the first.");
    if (!verdict.right) return verdict;
    compared += static_cast<int>(path.size());
  }
  return {true, std::to_string(compared) + " advantages agree, over paths cut anywhere, λ = 0 and λ = 1 included."};
}

Verdict check_next_values(const std::function<decltype(next_values)>& solution) {
  Draws draw;
  int compared = 0;
  for (int trial = 0; trial < 80; ++trial) {
    std::vector<Transition> steps(static_cast<std::size_t>(1 + trial / 8));
    for (Transition& step : steps)
      step = {std::round(draw(1, 9)), std::round(draw(10, 90)), draw.coin(0.25), draw.coin(0.25)};
    const double edge = std::round(draw(100, 900));
    const Verdict verdict = compare(
        "steps " + describe(steps) + "; edge V=" + number(edge), solution(steps, edge),
        next_by(Rule::right, steps, edge),
        {{next_by(Rule::limit_ends, steps, edge),
          "A time limit was taken for an end. The task goes on there: V' is the value of the final observation."},
         {next_by(Rule::end_goes_on, steps, edge),
          "A true end was bootstrapped. Nothing follows it, so V' is 0; an end on the limit's own step is an end."},
         {next_by(Rule::limit_reads_next, steps, edge),
          "After a time limit the next step's value is that of a new episode's start. Take final_value."},
         {next_by(Rule::edge_is_zero, steps, edge),
          "The rollout's edge was taken for an end. The episode goes on there: V' is edge_value."}},
        "Terminated: 0. Truncated: final_value. The last step: edge_value. Any other: the next step's value.");
    if (!verdict.right) return verdict;
    compared += static_cast<int>(steps.size());
  }
  return {true, std::to_string(compared) + " values agree: ends, limits, both at once, edges."};
}

}  // namespace exercise
