#pragma once
#include <string>
#include <vector>

#include "../chart.hpp"

namespace pigrad::app {

/// Which columns of a run's metrics.csv make its curve.
struct CurveChoice {
  std::string x = "steps";                ///< steps, seconds or epochs
  std::string y = "rollout/ep_rew_mean";  ///< any column
  int smooth = 1;                         ///< epochs of a moving average that looks back
  std::string x_label() const;
  std::string y_label() const;
};

struct Curve {
  std::vector<double> x, y;  ///< without the epochs that have no value
};

/// Throws Error, with the nearest name, if there is no such column.
Curve read_curve(const std::string& metrics_csv, const CurveChoice& choice);

/// Mean of each value with the `window` − 1 before it; fewer at the beginning.
std::vector<double> moving_average(const std::vector<double>& values, int window);

/// A band over runs, and the line that goes with it.
struct Band {
  const char* name;
  const char* words;
};
/// iqr, ci, std, minmax, none.
const std::vector<Band>& bands();
/// Throws Error for another name.
const Band& find_band(const std::string& name);

/// Several runs as one line with a band. Runs of the same x are taken as they are; else they are read off, straight
/// between their points, at 200 places from where all have begun to where the first ends; one that was cut short before
/// 80 % of the median end is passed over there.
Series summary_series(const std::vector<Curve>& curves, const std::string& band);

}  // namespace pigrad::app
