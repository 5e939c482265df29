#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad exercise`: builds and runs the checker of one of the book's exercises.
Command exercise_command();

}  // namespace pigrad::app
