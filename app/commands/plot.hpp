#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `pigrad plot RUN...`: learning curves of runs, sweeps and folders of them.
Command plot_command();

}  // namespace pigrad::app
