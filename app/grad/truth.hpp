#pragma once
#include "../command.hpp"

namespace pigrad::app {

/// `truth`: an estimator of the policy gradient held against the exact gradient, or a run's against a reference.
Command truth_instrument();

}  // namespace pigrad::app
