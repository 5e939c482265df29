#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace pigrad::app {

/// Lets an option be KEY=VALUE, and says how it is written where the = is missing, as in --set gamma 0.9.
/// @param form what stands behind the key: "=VALUE"
inline CLI::Validator key_value(const std::string& option, const std::string& form) {
  return CLI::Validator(
      [option, form](std::string& text) -> std::string {
        const auto equals = text.find('=');
        if (equals != std::string::npos && equals > 0) return "";
        const std::string key = text.empty() || equals == 0 ? "KEY" : text;
        return "\"" + text + "\" is no key" + form + ": write " + option + " " + key + form + ", without blanks";
      },
      "");
}

}  // namespace pigrad::app
