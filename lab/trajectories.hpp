#pragma once
#include <cstdint>
#include <vector>

#include "../rl/returns.hpp"
#include "mdp.hpp"

namespace pigrad::lab {

/// Episodes one after another, N of them with R rows in all: row begin[i] is episode i's first, begin[N] = R.
struct Trajectories {
  std::vector<int> begin;                               ///< [N+1]
  std::vector<std::int32_t> state, action, next, time;  ///< [R] s_t, a_t, s_{t+1}, t
  std::vector<double> reward;                           ///< [R]
  std::vector<std::uint8_t> terminated, truncated;      ///< [R]

  int count() const { return static_cast<int>(begin.size()) - 1; }
  int rows() const { return static_cast<int>(reward.size()); }
  /// The rows as a rollout of one copy, which rl/returns.hpp's estimators read. Valid while this lives.
  Path<double> path() const;
};

struct SampleOptions {
  std::uint64_t seed = 1;
  int first = 0;      ///< number of the first episode: other numbers are other episodes of the same seed
  int limit = 10000;  ///< steps after which an episode is truncated
  int threads = 1;
};

/// Episodes of the policy π [S×A]. Episode number i draws from stream i alone: neither threads nor `count` change it.
/// Throws Error for a negative first, no episodes, or no steps.
Trajectories sample(const FiniteMdp& mdp, const std::vector<double>& pi, int count, const SampleOptions& options);

}  // namespace pigrad::lab
