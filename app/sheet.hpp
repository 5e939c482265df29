#pragma once
#include <string>
#include <vector>

#include "chart.hpp"
#include "intervals.hpp"

namespace pigrad::app {

/// Small charts side by side, row by row, as wide as the first in each row; a title above them.
struct Panels {
  std::string title, subtitle;
  std::vector<Chart> charts;
  int columns = 3;
};

/// Pictures below one another in one: panels, charts, intervals.
struct Sheet {
  std::vector<Chart> charts;
  std::vector<IntervalChart> intervals;
  std::vector<Panels> panels;
};

/// The sheet as the text of an SVG file.
std::string sheet_svg(const Sheet& sheet);

/// Writes FOLDER/NAME.svg and FOLDER/NAME.png, each whole or not at all.
void write_sheet(const Sheet& sheet, const std::string& folder, const std::string& name);

}  // namespace pigrad::app
