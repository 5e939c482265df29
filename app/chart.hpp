#pragma once
#include <string>
#include <vector>

namespace pigrad::app {

/// A line, and up to two bands around it. Points whose x or y is not finite are gaps.
struct Series {
  std::string label;  ///< in the legend; empty keeps it out
  std::vector<double> x, y;
  std::vector<double> low, high;              ///< a band, e.g. mean ± standard deviation; empty for none
  std::vector<double> outer_low, outer_high;  ///< a lighter one, e.g. least to greatest; empty for none
  std::string band_label, outer_label;        ///< in the legend
  int colour = -1;                            ///< place in the palette; −1: the series' own place in the chart
  double width = 2.4, opacity = 1;            ///< of the line
  std::vector<double> dashes;                 ///< of the line; empty draws it whole
};

/// A value to compare with: a dashed line over the whole width.
struct ReferenceLine {
  double y = 0;
  std::string label;
};

enum class Legend { above, right };

/// A line chart. Colours are Okabe and Ito's, which colour-blind readers can tell apart.
struct Chart {
  std::string title, subtitle;
  std::string x_label, y_label;  ///< with units
  std::vector<Series> series;
  std::vector<ReferenceLine> references;
  double width = 900, height = 540;  ///< pixels
  Legend legend = Legend::above;     ///< right: a column, the place for many or long names
  double title_size = 20;            ///< pixels
  std::vector<double> y_covers;      ///< values that the upright axis holds too: panels side by side share them

  /// Makes it high enough for a legend at the right of so many names, up to what a screen shows.
  void make_room(std::size_t names);
};

class Canvas;

/// Draws the chart into the canvas's upper left corner. Throws Error if a series' columns differ in length.
void draw_chart(const Chart& chart, Canvas& canvas);

/// The chart as the text of an SVG file. Throws Error if a series' columns differ in length.
std::string draw_svg(const Chart& chart);
/// The chart as the bytes of a PNG file, `scale` dots a pixel.
std::string draw_png(const Chart& chart, double scale = 2);

/// The palette's colour, 0xRRGGBB, repeating after seven.
unsigned palette(std::size_t place);

/// Columns of a metrics table, and what to write on its picture.
struct CurveOptions {
  std::string title, subtitle;
  std::string steps = "time/total_timesteps";
  std::string mean = "rollout/ep_rew_mean", std = "rollout/ep_rew_std";
  std::string least = "rollout/ep_rew_min", greatest = "rollout/ep_rew_max";
  std::vector<ReferenceLine> references;  ///< the environment's limit
};

/// Mean return against environment steps, with one standard deviation and least to greatest around it where the table
/// has them. Throws Error if the file or the two main columns are missing.
Chart learning_curve(const std::string& metrics_csv, const CurveOptions& options);

/// Writes FOLDER/curve.svg and FOLDER/curve.png, each whole or not at all.
void write_chart(const Chart& chart, const std::string& folder, const std::string& name = "curve");

}  // namespace pigrad::app
