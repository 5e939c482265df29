#include "mdp.hpp"

#include <algorithm>
#include <cmath>

#include "../core/error.hpp"
#include "../core/random.hpp"

namespace pigrad::lab {
namespace {

std::size_t area(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

void check_shares(const std::string& where, const double* shares, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    if (!(shares[i] >= 0)) throw Error(where, "a probability is " + std::to_string(shares[i]), "give 0 or more");
    sum += shares[i];
  }
  if (!(std::abs(sum - 1) <= 1e-9)) throw Error(where, "they sum to " + std::to_string(sum), "let them sum to 1");
}

void check_finite(const std::string& where, const std::vector<double>& values) {
  if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
    throw Error(where, "a value is not finite", "give finite numbers");
}

void check_size(const std::string& where, std::size_t size, std::size_t wanted, const char* shape) {
  if (size != wanted)
    throw Error(where, "there are " + std::to_string(size) + " values",
                "give " + std::to_string(wanted) + ", laid out as " + shape);
}

}  // namespace

double FiniteMdp::mean_reward(int s, int a) const {
  if (terminal[static_cast<std::size_t>(s)]) return 0;
  double sum = 0;
  for (int next = 0; next < states; ++next) sum += transition[at(s, a, next)] * reward[at(s, a, next)];
  return sum;
}

void FiniteMdp::check() const {
  const std::string where = "mdp " + name;
  if (states < 1 || actions < 1 || features < 1)
    throw Error(where, "it has no states, actions or features", "give at least one of each");
  if (!(gamma >= 0 && gamma <= 1)) throw Error(where + " gamma", "it is " + std::to_string(gamma), "give 0 to 1");
  check_size(where + " transition", transition.size(), area(states, actions, states), "[S×A×S]");
  check_size(where + " reward", reward.size(), area(states, actions, states), "[S×A×S]");
  check_size(where + " start", start.size(), area(states, 1), "[S]");
  check_size(where + " terminal", terminal.size(), area(states, 1), "[S]");
  check_size(where + " feature", feature.size(), area(states, features), "[S×F]");
  check_finite(where + " reward", reward);
  check_finite(where + " feature", feature);
  check_shares(where + " start", start.data(), states);
  for (int s = 0; s < states; ++s) {
    const auto i = static_cast<std::size_t>(s);
    if (terminal[i] && start[i] > 0)
      throw Error(where + " start", "state " + std::to_string(s) + " is terminal", "start elsewhere");
    if (terminal[i]) continue;
    for (int a = 0; a < actions; ++a)
      check_shares(where + " transition from " + std::to_string(s) + " by " + std::to_string(a),
                   transition.data() + at(s, a, 0), states);
  }
}

FiniteMdp empty_mdp(const std::string& name, int states, int actions, double gamma) {
  FiniteMdp mdp;
  mdp.name = name;
  mdp.states = mdp.features = states;
  mdp.actions = actions;
  mdp.gamma = gamma;
  mdp.transition.assign(area(states, actions, states), 0);
  mdp.reward = mdp.transition;
  mdp.start.assign(area(states, 1), 0);
  mdp.terminal.assign(area(states, 1), 0);
  mdp.feature.assign(area(states, states), 0);
  for (int s = 0; s < states; ++s) mdp.feature[area(s, states) + static_cast<std::size_t>(s)] = 1;
  return mdp;
}

FiniteMdp chain_mdp(double gamma) {
  FiniteMdp mdp = empty_mdp("chain", 3, 2, gamma);
  const int end = 2;
  for (int s = 0; s < 2; ++s) mdp.transition[mdp.at(s, 0, 0)] = 1;
  mdp.transition[mdp.at(0, 1, 1)] = 1;
  mdp.transition[mdp.at(1, 1, end)] = 1;
  mdp.reward[mdp.at(1, 1, end)] = 1;
  mdp.start[0] = 1;
  mdp.terminal[end] = 1;
  return mdp;
}

FiniteMdp grid_world_mdp(double gamma) {
  constexpr int side = 4, goal = side * side - 1;
  FiniteMdp mdp = empty_mdp("grid world", side * side, 4, gamma);
  const int down[] = {-1, 0, 1, 0}, right[] = {0, 1, 0, -1};
  for (int cell = 0; cell < goal; ++cell) {
    mdp.start[static_cast<std::size_t>(cell)] = 1.0 / goal;
    for (int a = 0; a < 4; ++a) {
      const int row = std::clamp(cell / side + down[a], 0, side - 1);
      const int column = std::clamp(cell % side + right[a], 0, side - 1);
      const int next = row * side + column;
      mdp.transition[mdp.at(cell, a, next)] = 1;
      mdp.reward[mdp.at(cell, a, next)] = next == goal ? 1 : 0;
    }
  }
  mdp.terminal[goal] = 1;
  return mdp;
}

FiniteMdp random_mdp(std::uint64_t seed, const RandomMdpOptions& o) {
  const int live = o.end > 0 ? o.states - 1 : o.states;
  if (live < 1 || o.branches < 1 || o.branches > live || !(o.end >= 0 && o.end < 1))
    throw Error("random mdp", "it cannot be made of these numbers",
                "give 1 to " + std::to_string(std::max(live, 1)) + " branches and an end from 0 to below 1");
  FiniteMdp mdp = empty_mdp("random " + std::to_string(seed), o.states, o.actions, o.gamma);
  const Random random(seed, Purpose::dynamics);
  std::uint64_t draw = 0;
  const auto uniform = [&] { return random.uniform<double>(0, draw++); };
  for (int s = 0; s < live; ++s)
    for (int a = 0; a < o.actions; ++a) {
      std::vector<int> order(static_cast<std::size_t>(live));
      for (int k = 0; k < live; ++k) order[static_cast<std::size_t>(k)] = k;
      double sum = 0;
      for (int k = 0; k < o.branches; ++k) {
        const int other = k + static_cast<int>(uniform() * (live - k));
        std::swap(order[static_cast<std::size_t>(k)], order[static_cast<std::size_t>(other)]);
        const std::size_t i = mdp.at(s, a, order[static_cast<std::size_t>(k)]);
        sum += mdp.transition[i] = 0.05 + uniform();
      }
      for (int next = 0; next < live; ++next) mdp.transition[mdp.at(s, a, next)] *= (1 - o.end) / sum;
      if (o.end > 0) mdp.transition[mdp.at(s, a, live)] = o.end;
      for (int next = 0; next < o.states; ++next) mdp.reward[mdp.at(s, a, next)] = random.normal<double>(0, draw++);
    }
  for (int s = 0; s < live; ++s) mdp.start[static_cast<std::size_t>(s)] = 1.0 / live;
  if (o.end > 0) mdp.terminal[static_cast<std::size_t>(live)] = 1;
  if (o.features > 0) {
    mdp.features = o.features;
    mdp.feature.resize(area(o.states, o.features));
    for (double& x : mdp.feature) x = random.normal<double>(0, draw++);
  }
  return mdp;
}

FiniteMdp with_horizon(const FiniteMdp& mdp, int horizon) {
  if (horizon < 1) throw Error("horizon", "it is " + std::to_string(horizon), "give at least 1 step");
  FiniteMdp out = empty_mdp(mdp.name + ", " + std::to_string(horizon) + " steps", mdp.states * (horizon + 1),
                            mdp.actions, mdp.gamma);
  out.features = mdp.features;
  out.feature.clear();
  for (int t = 0; t <= horizon; ++t) {
    out.feature.insert(out.feature.end(), mdp.feature.begin(), mdp.feature.end());
    for (int s = 0; s < mdp.states; ++s) {
      const int here = t * mdp.states + s;
      const auto i = static_cast<std::size_t>(here), from = static_cast<std::size_t>(s);
      out.terminal[i] = t == horizon || mdp.terminal[from];
      if (t == 0) out.start[i] = mdp.start[from];
      if (out.terminal[i]) continue;
      for (int a = 0; a < mdp.actions; ++a) {
        const std::size_t row = mdp.at(s, a, 0), then = out.at(here, a, (t + 1) * mdp.states);
        const auto count = mdp.states;
        std::copy_n(mdp.transition.data() + row, count, out.transition.data() + then);
        std::copy_n(mdp.reward.data() + row, count, out.reward.data() + then);
      }
    }
  }
  return out;
}

}  // namespace pigrad::lab
