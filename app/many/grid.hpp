#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../../rl/settings.hpp"

namespace pigrad::app {

/// Values that one setting takes in turn. The keys `recipe` and `variant` choose the file that the others change.
struct GridAxis {
  std::string key;
  std::vector<std::string> values;
};

/// One value for each axis: what a setting of a sweep changes, as (key, value).
using Assignments = std::vector<std::pair<std::string, std::string>>;

/// "gamma=0.9,0.99" or "policy.network.hidden=[64,32],[64,64]": values between commas, a list in brackets being one.
/// Throws Error if there is no key, no value or an empty one.
GridAxis parse_axis(const std::string& text, const std::string& option = "--grid");

/// "10": the seeds 1 to 10; "1,5,7", "1-10" and "1-3,9": those; "7,": 7 alone.
/// Throws Error if it is none of these, a seed comes twice, or they are more than 100,000.
std::vector<std::int64_t> parse_seeds(const std::string& text, const std::string& option = "--seeds");

/// Every combination, the last axis moving fastest; one without assignments where there are no axes.
std::vector<Assignments> expand(const std::vector<GridAxis>& axes);

/// The settings that a sweep's or comparison's runs begin from.
struct Base {
  std::string recipe, variant;   ///< a recipe's name, or a settings file that ends in .yaml
  std::vector<std::string> set;  ///< KEY=VALUE, as of --set
};

/// The base's settings with the assignments put in. Throws Error as recipe_settings() and set_setting() do.
TrainSettings settings_of(const Base& base, const Assignments& assignments);

/// The axes with each value written as its setting writes it (1e-2 as 0.01), so that equal values are seen to be equal.
/// Throws Error for an unknown key, a value that is not allowed, one that comes twice, or an axis that comes twice.
std::vector<GridAxis> canonical(const Base& base, std::vector<GridAxis> axes);

/// The shortest names by which the keys can be told apart: the last part, the first and last, or the whole.
std::vector<std::string> short_names(const std::vector<std::string>& keys);

/// "learning_rate=0.1, gamma=0.99"; empty where nothing is assigned.
std::string label_of(const Assignments& assignments);

/// The label as a folder's name: signs that do not belong into one become "-", a long one is cut and numbered by its
/// hash.
std::string folder_of(const Assignments& assignments);

}  // namespace pigrad::app
