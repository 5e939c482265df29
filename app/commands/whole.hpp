#pragma once
#include <CLI/CLI.hpp>
#include <charconv>
#include <string>

namespace pigrad::app {

/// Lets an option be a whole number from `least` to `most`, and says so where it is none.
inline CLI::Validator whole(long long least, long long most) {
  return CLI::Validator(
      [least, most](std::string& text) -> std::string {
        long long value = 0;
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, value);
        if (read.ec == std::errc() && read.ptr == end && value >= least && value <= most) return "";
        return "\"" + text + "\" is no whole number from " + std::to_string(least) + " to " + std::to_string(most);
      },
      "");
}

/// Lets an option be any text but none, as a variable of a script that was never set.
inline CLI::Validator filled() {
  return CLI::Validator([](std::string& text) { return text.empty() ? std::string("it is empty: give a name") : ""; },
                        "");
}

constexpr long long most_threads = 1024;

}  // namespace pigrad::app
