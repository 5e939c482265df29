#pragma once
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <pigrad/core/parallel.hpp>
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

/// The positional that names a policy.
inline void add_checkpoint(CLI::App& parser, std::string& path, const std::string& name = "run") {
  parser.add_option(name, path, "A run folder (its last checkpoint) or a .safetensors file")->required()->type_name("");
}

constexpr long long most_threads = 1024;

inline void add_threads(CLI::App& parser, int& threads) {
  parser.add_option("--threads", threads, "Threads; all cores if left out. No result depends on it")
      ->check(whole(1, most_threads));
}

/// What --threads left at 0 stands for.
inline int threads_or_all(int asked) { return asked > 0 ? asked : hardware_threads(); }

/// @param seed an integer of 64 bits, or an optional of one
template <class Seed>
CLI::Option* add_seed(CLI::App& parser, Seed& seed, const std::string& words) {
  return parser.add_option("--seed", seed, words)->check(whole(0, std::numeric_limits<std::int64_t>::max()));
}

/// @param kind FILE or FOLDER
inline CLI::Option* add_out(CLI::App& parser, std::string& path, const std::string& kind, const std::string& words) {
  return parser.add_option("--out", path, words)->type_name(kind)->check(filled());
}

}  // namespace pigrad::app
