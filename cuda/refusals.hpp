#pragma once
#include "../rl/settings.hpp"

namespace pigrad {

/// Throws Error for the first setting that a run on the device would not honour.
void refuse_what_has_no_device_form(const TrainSettings& settings);

}  // namespace pigrad
