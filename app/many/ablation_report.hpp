#pragma once
#include <limits>

#include "ablation.hpp"
#include "statistics.hpp"
#include "switches.hpp"

namespace pigrad::app {

/// A step and what its runs came to.
struct Outcome {
  Step step;
  std::string folder;                                          ///< of its runs
  std::size_t first_run = 0;                                   ///< of the batch
  std::vector<std::string> runs;                               ///< folders of those that finished
  std::vector<double> scores;                                  ///< theirs
  std::vector<std::string> failures;                           ///< "seed 3: …"
  Description description;                                     ///< of the scores
  Interval difference;                                         ///< of the interquartile means, this minus from's
  double gradient = std::numeric_limits<double>::quiet_NaN();  ///< cosines with from's, medians over seeds
  double update = gradient;
};

struct AblationOutcome {
  Outcome from;
  std::vector<Outcome> alone;       ///< one for each switch
  std::vector<Outcome> cumulative;  ///< the last is the other end
};

/// "critic.kind: linear → mlp alone raises …": one sentence, with the switch's meaning and what it did.
std::string sentence(const Outcome& from, const Outcome& alone, const ScoreChoice& score);

/// What a step adds: "gamma=0.9 + lambda=0.5".
std::string short_name(const Step& step);

/// Writes ablation.csv, ablation.md and ablation.svg/png, and returns what to say to people.
std::string write_ablation(const AblationOptions& options, const AblationOutcome& outcome);

}  // namespace pigrad::app
