#pragma once
#include "grid.hpp"

namespace pigrad::app {

/// A finer mesh around the best setting. Each axis of numbers takes the best value and the middles between it and its
/// neighbours, among all values tried so far; at the mesh's end the step inside is mirrored outside. Middles are
/// geometric for rates (learning_rate, weight_decay, epsilon; four digits) and arithmetic else (six digits, or whole),
/// and outside the setting's range they are left out. Other axes, and those with one value, keep the best.
/// @param tried every setting tried so far, all with the axes of `best`
std::vector<GridAxis> refine(const Base& base, const Assignments& best, const std::vector<Assignments>& tried);

/// Whether a setting is laid out by ratios: learning rates, decays, epsilons.
bool is_rate(const std::string& key);

}  // namespace pigrad::app
