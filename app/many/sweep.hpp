#pragma once
#include "batch.hpp"
#include "plan.hpp"

namespace pigrad::app {

struct SweepOptions {
  std::string out;  ///< the sweep's folder; empty: runs/sweep-NAME
  BatchOptions batch;
};

/// Runs a plan into its folder (plan in sweep.yaml, a run folder for each setting and seed, tables and pictures) or
/// goes on with what is there. Returns the exit status: 0; 1 where runs failed; 130 or 143 after SIGINT or SIGTERM.
/// Throws Error before anything starts if the plan asks for what there is not.
int sweep(SweepPlan plan, const SweepOptions& options);

/// The plan that a sweep's folder was made from.
SweepPlan plan_of_folder(const std::string& folder);

}  // namespace pigrad::app
