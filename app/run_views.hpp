#pragma once
#include <string>

#include "run_folder.hpp"

namespace pigrad::app {

/// Names, shapes and sizes of a policy's and a critic's parameters, as a table of text.
std::string parameter_table(const ParameterLayout& layout);

/// A run's learning curve into its folder, as curve.svg and curve.png, from its metrics.
void write_run_curve(const Algorithm& algorithm, const RunPaths& paths);

}  // namespace pigrad::app
