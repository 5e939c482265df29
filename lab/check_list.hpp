#pragma once
#include <functional>
#include <string>
#include <vector>

#include "../env/registry.hpp"
#include "../rl/settings.hpp"
#include "check.hpp"

namespace pigrad {

/// Something whose gradients can be judged, by name.
struct GradientCheck {
  std::string name;
  std::string kind;  ///< "op", "layer", "distribution", "loss"
  std::function<CheckReport(const CheckOptions&)> run;
};

/// Every op of the library but stop_gradient, whose adjoint is 0 on purpose (all its examples, the worst reported),
/// every activation between linear layers, and every distribution's log-probability, entropy and divergence.
std::vector<GradientCheck> library_checks();

/// The losses that a recipe's settings train by, on its own networks, on random rows and parameters: those of a start
/// are special. CheckOptions::rows says how many rows. Throws what making the algorithm throws.
std::vector<GradientCheck> recipe_checks(const std::string& name, const TrainSettings& settings,
                                         const Registry& environments);

}  // namespace pigrad
