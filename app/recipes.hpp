#pragma once
#include <string>
#include <vector>

#include "../rl/settings.hpp"

namespace pigrad::app {

/// A reproducible experiment: a file of settings, and for each variant a file of what it changes.
struct Recipe {
  std::string name;
  std::string about;                                          ///< the words at its top, one line
  std::string settings;                                       ///< YAML of the default variant, `recommended`
  std::vector<std::pair<std::string, std::string>> variants;  ///< name and YAML of its differences
};

/// The comment at the top of a file, in one line.
std::string words_at_top(const std::string& text);

/// The recipes that the program carries (the files of recipes/), by name.
const std::vector<Recipe>& recipes();

/// Settings of a recipe's variant ("" is recommended), or, where `name` ends in .yaml or .yml, of that file.
/// Throws Error, with the nearest name, if there is no such recipe or variant.
TrainSettings recipe_settings(const std::string& name, const std::string& variant);

}  // namespace pigrad::app
