#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pigrad {

/// One ended episode.
struct Episode {
  double total = 0;  ///< Σ reward
  int length = 0;    ///< steps
  bool truncated = false;
};

/// What E copies of an environment did in T steps: [T×E] data, row t·E + e. Panels are [features × rows], rows
/// contiguous. Whole episodes, one after another, are a rollout of one copy.
///
/// A row's step may be terminated (the environment's own end), truncated (a time limit that reset it), or neither. The
/// rollout's last row of a copy is its edge, which by itself ends and resets nothing.
template <class T>
struct Rollout {
  int steps = 0;             ///< T
  int copies = 0;            ///< E
  int observation_size = 0;  ///< features
  int action_size = 0;       ///< dimensions of a box, 0 if actions are integers

  std::vector<T> obs;               ///< [features × rows] before the step
  std::vector<T> edge_obs;          ///< [features × E] after the last step; not read where an episode ended there
  std::vector<T> final_obs;         ///< [features × rows] the episode's last observation, written where one ended
  std::vector<std::int32_t> index;  ///< [rows] discrete actions
  std::vector<T> action;            ///< [dimensions × rows] box actions, as sampled, not clipped
  std::vector<T> log_prob;          ///< [rows] ln π(a|s) of the policy that acted
  std::vector<T> reward;            ///< [rows]
  std::vector<std::uint8_t> terminated, truncated;  ///< [rows]
  std::vector<std::uint8_t> valid;                  ///< [rows] 0: a reset row, masked out of every loss
  std::vector<int> first_step;                      ///< [E] steps that the first row's episode had behind it
  std::vector<Episode> episodes;                    ///< that ended here, in order of step, then copy

  int rows() const { return steps * copies; }
  int row(int step, int copy) const { return step * copies + copy; }
  bool ended(int row) const {
    return terminated[static_cast<std::size_t>(row)] != 0 || truncated[static_cast<std::size_t>(row)] != 0;
  }
  /// Makes room for [steps × copies]; contents are kept only if the size is.
  void resize(int new_steps, int new_copies, int features, int dimensions) {
    steps = new_steps;
    copies = new_copies;
    observation_size = features;
    action_size = dimensions;
    const auto n = static_cast<std::size_t>(rows());
    const auto f = static_cast<std::size_t>(features);
    obs.resize(n * f);
    final_obs.resize(n * f);
    edge_obs.resize(static_cast<std::size_t>(copies) * f);
    index.resize(dimensions == 0 ? n : 0);
    action.resize(n * static_cast<std::size_t>(dimensions));
    log_prob.resize(n);
    reward.resize(n);
    terminated.resize(n);
    truncated.resize(n);
    valid.assign(n, 1);
    first_step.assign(static_cast<std::size_t>(copies), 0);
  }
};

}  // namespace pigrad
