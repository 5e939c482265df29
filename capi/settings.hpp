#pragma once
#include "../rl/settings.hpp"

struct pigrad_settings {
  pigrad::TrainSettings settings;
};
