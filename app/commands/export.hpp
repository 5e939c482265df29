#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad export RUN --to FORMAT`: a trained policy for other programs.
Command export_command();

}  // namespace pigrad::app
