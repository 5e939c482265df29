#include "../csv.hpp"
#include "../csv_lines.hpp"
#include "picture.hpp"

namespace pigrad::app {

std::string experiment_numbers(const lab::ExperimentResult& result) {
  std::string text = join_csv({"picture", "curve", "x", "y", "low", "high"});
  for (const lab::Plot& plot : result.plots)
    for (const lab::Curve& curve : plot.curves)
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        const bool band = i < curve.low.size();
        text += join_csv({plot.title, curve.label, shortest(curve.x[i]), shortest(curve.y[i]),
                          band ? shortest(curve.low[i]) : "", band ? shortest(curve.high[i]) : ""});
      }
  for (const lab::EstimatePlot& plot : result.estimates)
    for (const lab::Estimate& row : plot.rows)
      text += join_csv({plot.title, row.label, "", shortest(row.value), shortest(row.low), shortest(row.high)});
  return text;
}

}  // namespace pigrad::app
