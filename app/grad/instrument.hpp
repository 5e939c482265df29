#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// The instruments of `pigrad grad`: each one file here and one line in instruments().
Command show_instrument();
Command compute_instrument();
Command check_instrument();
Command curvature_instrument();
Command landscape_instrument();
Command truth_instrument();
std::vector<Command> instruments();

}  // namespace pigrad::app
