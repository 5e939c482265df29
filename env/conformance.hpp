#pragma once
#include <string>
#include <vector>

#include "registry.hpp"

namespace pigrad {

/// One thing that an environment must do, and whether it does.
struct CheckResult {
  std::string name;
  bool passed = false;
  std::string words;  ///< what was seen; where it failed, what was wrong and with which copy and step
};

/// Whether an environment keeps the contracts on which training, resuming and comparing rest; run it on one of your own
/// before you train on it. Random actions (box actions beyond the bounds too) drive some hundreds of steps of a few
/// copies. Never throws: what the environment throws is a failed check. In order:
///
/// | check | holds |
/// |---|---|
/// | make | it can be made, and spec and dynamics agree |
/// | observations | finite, in the observation space, at starts, steps and ends |
/// | rewards | finite; flags are 0 or 1 |
/// | same_seed | the same seed and actions give the same bits |
/// | other_seed | another seed starts elsewhere (or, with fixed_start, the same) |
/// | reset_after_end | a start depends on seed, copy and episode only, not on what came before |
/// | boundaries | the limit truncates after max_steps and only then; never both flags |
/// | state_round_trip | set_state(get_state) gives the same observation and future |
/// | one_equals_many | a copy stepped alone gives the bits that it has among many |
/// | threads | 1, 2 and 3 threads and any ranges give the same bits |
/// | save_load | a resumed run gives the same bits |
/// | same_step, next_step, disabled | the three modes tell the same episodes, each in its own way |
template <class T>
std::vector<CheckResult> check_environment(const Registry& registry, const std::string& name);

template <>
std::vector<CheckResult> check_environment<float>(const Registry& registry, const std::string& name);
template <>
std::vector<CheckResult> check_environment<double>(const Registry& registry, const std::string& name);

/// All passed?
bool conforms(const std::vector<CheckResult>& results);
/// One line a check: "ok   same_seed  …" or "FAIL same_seed  …".
std::string describe(const std::vector<CheckResult>& results);

}  // namespace pigrad
