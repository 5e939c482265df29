#pragma once
#include <functional>
#include <string>

#include "../exercises.hpp"

/// Judges of the exercises: each runs a solution on many inputs beside the library and says what it found first.
namespace exercise {

struct Verdict {
  bool right = true;
  std::string words;  ///< right: what was compared. Wrong: where, both values, and why they may differ
};

Verdict check_score(const std::function<decltype(score)>& solution);
Verdict check_leave_one_out(const std::function<decltype(leave_one_out)>& solution);
Verdict check_gae(const std::function<decltype(gae)>& solution);
Verdict check_next_values(const std::function<decltype(next_values)>& solution);
Verdict check_pull(const std::function<decltype(pull)>& solution);

}  // namespace exercise
