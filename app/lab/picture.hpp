#pragma once
#include <string>

#include "../../lab/experiment.hpp"
#include "../sheet.hpp"

namespace pigrad::app {

/// An experiment's plots and estimates as one sheet.
Sheet experiment_picture(const lab::ExperimentResult& result, const std::string& title);

/// What the pictures show, as CSV: picture, curve, x, y, low, high.
std::string experiment_numbers(const lab::ExperimentResult& result);

}  // namespace pigrad::app
