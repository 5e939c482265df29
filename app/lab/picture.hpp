#pragma once
#include <string>

#include "../../lab/experiment.hpp"
#include "../sheet.hpp"

namespace pigrad::app {

/// An experiment's plots and estimates as one sheet.
Sheet experiment_picture(const lab::ExperimentResult& result, const std::string& title);

}  // namespace pigrad::app
