#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad import FILE --environment NAME`: a policy of another program as a run.
Command import_command();

}  // namespace pigrad::app
