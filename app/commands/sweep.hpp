#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad sweep RECIPE`: many seeds and settings, side by side, with statistics.
Command sweep_command();

}  // namespace pigrad::app
