#pragma once
#include <limits>
#include <string>
#include <vector>

#include "chart.hpp"

namespace pigrad::app {

/// One line of an interval chart: every score as a faint dot, their estimate and its interval above them.
struct IntervalRow {
  std::string label;
  std::vector<double> points;
  double centre = std::numeric_limits<double>::quiet_NaN();
  double low = centre, high = centre;
  std::string note;  ///< at the right: the figures in words
  int colour = 0;    ///< place in the palette
};

/// Estimates of several settings below one another, over one axis.
struct IntervalChart {
  std::string title, subtitle, x_label;
  std::vector<IntervalRow> rows;
  std::vector<ReferenceLine> references;  ///< upright lines
  double width = 900;
  /// Follows from the rows.
  double height() const;
};

void draw_intervals(const IntervalChart& chart, Canvas& canvas);

}  // namespace pigrad::app
