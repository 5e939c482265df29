#pragma once
#include <string>
#include <vector>

#include "../rl/settings.hpp"

namespace pigrad::app {

/// Throws Error for the first "key=value" of `assignments` whose setting is away from its default though none of `all`
/// reads it: what was asked for by name would do nothing. The cure names the algorithms that read it.
/// @param option for the message: --set or --grid
void refuse_unread(const std::vector<TrainSettings>& all, const std::vector<std::string>& assignments,
                   const std::string& option);

/// One line on the settings that a recipe or a file changes without effect; empty where there are none.
std::string unread_in_words(const TrainSettings& settings);

}  // namespace pigrad::app
