#pragma once
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace pigrad::app {

/// The one number that a run is judged by.
struct ScoreChoice {
  /// last: mean of a metric over the last epochs that have it; best: its greatest; greedy: mean return of the trained
  /// policy's most probable actions.
  std::string how = "last";
  int epochs = 10;  ///< how many the last ones are
  std::string metric = "rollout/ep_rew_mean";
  int shortest = 0, longest = 0;  ///< epochs of the runs, for words(); 0: not known

  /// Notes another run.
  void note_run(int run_epochs);
  /// "mean return of the last ten epochs": for an axis.
  std::string words() const;
};

/// The names that ScoreChoice::how may take.
const std::vector<std::string>& score_names();

/// What a run folder says of its run; NaN where it does not.
struct RunScore {
  double score = std::numeric_limits<double>::quiet_NaN();
  double greedy = score, steps = score, seconds = score;
  int epochs = 0;
};

/// Throws Error if the metrics have no such column.
RunScore read_score(const std::string& run, const ScoreChoice& choice);

/// Every number of a JSON file by its dotted key: "final.greedy.mean". Throws Error if it is no JSON.
std::map<std::string, double> read_numbers(const std::string& path);

/// For people: at most four digits, −0.1234, 498.2, 1235.
std::string digits(double value);
/// "498.2 (490.1–500)"
std::string with_interval(double value, double low, double high);

}  // namespace pigrad::app
