#pragma once
#include "../experiment.hpp"

namespace pigrad::lab {

Experiment baseline_experiment();

}  // namespace pigrad::lab
