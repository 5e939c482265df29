#pragma once
#include "ablation_report.hpp"

namespace pigrad::app {

/// Writes ablation.svg and ablation.png: a panel for each switch alone, its learning curve over that of the first form;
/// a panel for each further switch, over the curve before it; and every form's scores with their intervals.
void draw_ablation(const AblationOptions& options, const AblationOutcome& outcome);

}  // namespace pigrad::app
