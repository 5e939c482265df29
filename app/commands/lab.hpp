#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad lab list`, `pigrad lab NAME`, `pigrad lab all`: the gradient laboratory's experiments.
Command lab_command();

}  // namespace pigrad::app
