#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace pigrad::lab {

/// One assertion of an experiment, and the number that decides it.
struct Claim {
  std::string text;       ///< what is claimed, in one sentence
  std::string statistic;  ///< what was measured, in words and signs, e.g. "‖mean gradient − ∇J‖ / ‖∇J‖"
  double value = 0;       ///< of the statistic
  double low = std::numeric_limits<double>::quiet_NaN();   ///< its interval; NaN where the value is exact
  double high = std::numeric_limits<double>::quiet_NaN();  ///< its interval; NaN where the value is exact
  double confidence = 1;                                   ///< of the interval or test; 1 where nothing was sampled
  std::string method;                                      ///< how the interval or the verdict was found
  bool holds = false;
};

/// A line of a picture, with a band where there is one. Points that are not finite are gaps.
struct Curve {
  std::string label;
  std::vector<double> x, y;
  std::vector<double> low, high;  ///< empty for none
  bool dashed = false;            ///< the exact answer beside a measured one
  int colour = -1;                ///< place in the palette, to pair curves; −1: the curve's own place in the plot
};

/// One picture of curves. Logarithmic axes show log₁₀ of what the curves hold.
struct Plot {
  std::string title, subtitle, x_label, y_label;
  std::vector<Curve> curves;
  bool log_x = false, log_y = false;
};

/// One row of a picture of estimates and their intervals.
struct Estimate {
  std::string label;
  double value = 0, low = 0, high = 0;
};
/// Estimates one below another over one axis, and values to compare with.
struct EstimatePlot {
  std::string title, subtitle, x_label;
  std::vector<Estimate> rows;
  std::vector<std::pair<double, std::string>> references;
};

/// Numbers of a page.
struct NumberTable {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// What an experiment found: a page, a picture, and claims with their verdicts.
struct ExperimentResult {
  std::string question;                 ///< what it asks, two or three sentences
  std::vector<std::string> equations;   ///< in signs, one a line
  std::vector<Claim> claims;            ///< the first is the main one
  std::vector<Plot> plots;              ///< the picture's
  std::vector<EstimatePlot> estimates;  ///< the picture's, below the plots
  std::vector<NumberTable> tables;
  std::vector<std::pair<std::string, std::string>> settings;  ///< what was run: names and values
  std::string reading;                                        ///< how to read the picture, and what follows
  bool holds() const;                                         ///< every claim does
};

struct ExperimentSettings {
  std::uint64_t seed = 1;
  int threads = 1;
  /// Share of the full number of samples; tests run less.
  double effort = 1;
  /// Negative control: breaks on purpose what the first claim rests on, which must then not hold.
  bool control = false;
  /// Called now and then with the share that is done and what is going on. Null: nobody looks.
  std::function<void(double share, const std::string& what)> progress;

  void say(double share, const std::string& what) const {
    if (progress) progress(share, what);
  }
  /// `full` samples times effort, at least `least`.
  int samples(int full, int least = 100) const;
};

/// A claim of the theory, tried on finite MDPs against exact answers: one file under experiments/, one line in
/// experiments/list.hpp.
struct Experiment {
  const char* name;     ///< of the command: `pigrad lab NAME`
  const char* title;    ///< one line
  const char* control;  ///< what the negative control breaks
  ExperimentResult (*run)(const ExperimentSettings& settings);
};

/// Every experiment, in the order of the report.
const std::vector<Experiment>& experiments();
/// Throws Error, listing the names, if there is none of this name.
const Experiment& find_experiment(const std::string& name);

/// A number for tables: four significant digits.
std::string digits(double value);
/// "1.234 [1.2, 1.27]".
std::string digits(double value, double low, double high);

}  // namespace pigrad::lab
