#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad trace ENV`: what an environment does with a list of actions, as CSV.
Command trace_command();

}  // namespace pigrad::app
