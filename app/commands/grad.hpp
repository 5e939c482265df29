#pragma once
#include "../command.hpp"

namespace pigrad::app {

Command grad_command();

}  // namespace pigrad::app
