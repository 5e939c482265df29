#include "run_views.hpp"

#include <cmath>

#include "chart.hpp"
#include "table.hpp"

namespace pigrad::app {

std::string parameter_table(const ParameterLayout& layout) {
  Table table({{"parameter"}, {"shape"}, {"numbers", true}});
  for (const Segment& s : layout.segments())
    table.row({s.name, std::to_string(s.rows) + "×" + std::to_string(s.columns), std::to_string(s.size())});
  table.rule().row({"all", "", std::to_string(layout.size())});
  return table.text();
}

void write_run_curve(const Algorithm& algorithm, const RunPaths& paths) {
  const TrainSettings& s = algorithm.settings();
  CurveOptions options;
  options.title = s.recipe + " (" + s.variant + ") on " + s.environment;
  options.subtitle = "seed " + std::to_string(s.seed) + ", mean return of the episodes that ended in each epoch";
  if (std::isfinite(algorithm.spec().best_return))
    options.references = {{algorithm.spec().best_return, "best possible"}};
  write_chart(learning_curve(paths.metrics(), options), paths.folder);
}

}  // namespace pigrad::app
