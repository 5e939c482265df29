#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad eval RUN`: returns of whole episodes with a trained policy.
Command eval_command();

}  // namespace pigrad::app
