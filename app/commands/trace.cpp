#include "trace.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <limits>
#include <memory>
#include <sstream>

#include "../../core/error.hpp"
#include "../../core/whole_text.hpp"
#include "../../env/trace.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string environment, actions;
  std::string state;
  std::int64_t seed = 0;
};

/// Numbers between blanks, commas and line ends; a line that begins with # is passed over.
std::vector<double> read_numbers(const std::string& path) {
  std::string text = path == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_text(path);
  std::istringstream lines(text);
  std::vector<double> numbers;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!line.empty() && line[0] == '#') continue;
    for (char& c : line)
      if (c == ',' || c == ';') c = ' ';
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      double value = 0;
      if (!whole_text(word, value) || !std::isfinite(value))
        throw Error(path + ":" + std::to_string(number), "\"" + word + "\" is no finite number",
                    "give one action a line, its dimensions between commas");
      numbers.push_back(value);
    }
  }
  return numbers;
}

std::vector<double> read_state(const std::string& text) {
  std::vector<double> numbers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    double value = 0;
    if (!whole_text(word, value) || !std::isfinite(value))
      throw Error("--state " + text, "\"" + word + "\" is no finite number",
                  "give numbers between commas, as 0,0,0.05,0");
    numbers.push_back(value);
  }
  return numbers;
}

void print_row(const std::string& step, const std::vector<double>& observation, const char* rest) {
  std::printf("%s", step.c_str());
  for (const double x : observation) std::printf(",%.17g", x);
  std::printf("%s\n", rest);
}

int run(const Asked& asked) {
  const std::vector<double> state = read_state(asked.state), actions = read_numbers(asked.actions);
  const Trace played =
      trace(all_environments(), asked.environment, state, actions, static_cast<std::uint64_t>(asked.seed));
  std::string header = "step";
  for (std::size_t i = 0; i < played.observed.size(); ++i) header += ",observation_" + std::to_string(i);
  std::printf("%s,reward,terminated,truncated\n", header.c_str());
  print_row("0", played.observed, ",,,");
  for (std::size_t t = 0; t < played.steps.size(); ++t) {
    const TraceStep& s = played.steps[t];
    char rest[64];
    std::snprintf(rest, sizeof rest, ",%.17g,%d,%d", s.reward, s.terminated ? 1 : 0, s.truncated ? 1 : 0);
    print_row(std::to_string(t + 1), s.observation, rest);
  }
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("environment", asked->environment, "See `pigrad list environments`")->required()->type_name("");
  parser.add_option("--actions", asked->actions, "One action a line, dimensions between commas; - for standard input")
      ->required()
      ->type_name("FILE");
  parser.add_option("--state", asked->state, "Where to begin; the seed's start if left out")->type_name("X,Y,…");
  add_seed(parser, asked->seed, "Of the start, where no state is given")->capture_default_str();
  return [asked] { return run(*asked); };
}

}  // namespace

Command trace_command() {
  return {"trace", "Play a list of actions and print observations, rewards and ends as CSV with 17 digits",
          "  pigrad trace CartPole-v1 --state 0,0,0.05,0 --actions actions.csv\n"
          "  yes 1 | head -n 20 | pigrad trace CartPole-v1 --seed 3 --actions -",
          declare};
}

}  // namespace pigrad::app
