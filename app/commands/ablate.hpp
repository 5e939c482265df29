#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad ablate RECIPE`: from its source variant to the recommended one, a switch at a time.
Command ablate_command();

}  // namespace pigrad::app
