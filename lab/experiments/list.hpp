#pragma once
#include "../experiment.hpp"

namespace pigrad::lab {

Experiment baseline_experiment();
Experiment psi_experiment();
Experiment lambda_experiment();
Experiment action_baseline_experiment();
Experiment normalise_experiment();
Experiment signs_experiment();
Experiment samples_experiment();

}  // namespace pigrad::lab
