#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad list [environments]`: what can be named.
Command list_command();

}  // namespace pigrad::app
