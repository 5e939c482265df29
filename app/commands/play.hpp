#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad play RUN`: an animation of a policy acting in its environment.
Command play_command();

}  // namespace pigrad::app
