#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad results`: the docs' table of what every recipe reaches.
Command results_command();

}  // namespace pigrad::app
