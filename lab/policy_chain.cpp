#include "policy_chain.hpp"

#include <algorithm>

namespace pigrad::lab {

std::vector<double> policy_chain(const FiniteMdp& mdp, const std::vector<double>& pi) {
  const auto n = static_cast<std::size_t>(mdp.states);
  std::vector<double> p(n * n, 0.0);
  for (int s = 0; s < mdp.states; ++s) {
    if (mdp.terminal[static_cast<std::size_t>(s)]) continue;
    for (int a = 0; a < mdp.actions; ++a)
      for (int next = 0; next < mdp.states; ++next)
        if (!mdp.terminal[static_cast<std::size_t>(next)])
          p[static_cast<std::size_t>(s) * n + static_cast<std::size_t>(next)] +=
              pi[mdp.at(s, a)] * mdp.transition[mdp.at(s, a, next)];
  }
  return p;
}

bool always_ends(const FiniteMdp& mdp, const std::vector<double>& pi) {
  const auto moves = [&](int s, int next) {
    for (int a = 0; a < mdp.actions; ++a)
      if (pi[mdp.at(s, a)] > 0 && mdp.transition[mdp.at(s, a, next)] > 0) return true;
    return false;
  };
  std::vector<std::uint8_t> ends = mdp.terminal;
  std::vector<int> open;
  for (int s = 0; s < mdp.states; ++s)
    if (ends[static_cast<std::size_t>(s)]) open.push_back(s);
  while (!open.empty()) {
    const int next = open.back();
    open.pop_back();
    for (int s = 0; s < mdp.states; ++s)
      if (!ends[static_cast<std::size_t>(s)] && moves(s, next))
        ends[static_cast<std::size_t>(s)] = 1, open.push_back(s);
  }
  return std::all_of(ends.begin(), ends.end(), [](std::uint8_t x) { return x != 0; });
}

}  // namespace pigrad::lab
