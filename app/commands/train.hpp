#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad train RECIPE`: trains into a run folder, or goes on with one.
Command train_command();

}  // namespace pigrad::app
