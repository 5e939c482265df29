#include "exercise.hpp"

#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "../../core/error.hpp"

namespace pigrad::app {
namespace {

struct Exercise {
  const char* file;
  const char* task;
};
constexpr std::array<Exercise, 5> exercises = {{{"1_score.cpp", "the score of a softmax, by hand"},
                                                {"2_baseline.cpp", "a baseline that leaves one out"},
                                                {"3_gae.cpp", "generalised advantages, backwards"},
                                                {"4_limit.cpp", "the value after each step: ends, limits, edges"},
                                                {"5_clip.cpp", "where PPO's clip stops the gradient"}}};

const std::filesystem::path checkout = PIGRAD_CHECKOUT, build_folder = PIGRAD_BUILD_FOLDER;

std::filesystem::path file_of(int number) {
  return checkout / "exercises" / exercises[static_cast<std::size_t>(number - 1)].file;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// A shell command's exit status, and what it said on both streams.
int run_quietly(const std::string& command, std::string& said) {
  FILE* stream = popen((command + " 2>&1").c_str(), "r");
  if (!stream) throw Error("exercise", "no process can be started", "free some memory or processes");
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), stream)) > 0;) said.append(buffer.data(), n);
  return pclose(stream);
}

int check(int number) {
  const std::filesystem::path file = file_of(number);
  if (!std::filesystem::exists(file) || !std::filesystem::exists(build_folder / "CMakeCache.txt"))
    throw Error("exercise", file.string() + " or the build folder is not there",
                "run ./pigrad exercise in the checkout that this program was built in");
  const std::string target = "exercise_" + std::to_string(number);
  std::string said;
  const std::string build = "cmake --build " + quoted(build_folder.string()) + " --target " + target;
  if (run_quietly(build, said) != 0) {
    std::cout << said << "not yet: " << file.string() << " does not compile; what the compiler says is above.\n";
    return 1;
  }
  said.clear();
  const std::string limited = "ulimit -t 20; " + quoted((build_folder / "exercises" / target).string());
  const int status = run_quietly(limited, said);
  std::cout << "exercise " << number << ", " << exercises[static_cast<std::size_t>(number - 1)].task << "\n" << said;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    std::cout << (number < static_cast<int>(exercises.size())
                      ? "next: pigrad exercise " + std::to_string(number + 1) + "\n"
                      : std::string("that was the last one\n"));
    return 0;
  }
  // The shell reports a signal as 128 + its number, or dies of it.
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - 128;
  if (signal == SIGXCPU || signal == SIGKILL) {
    std::cout << "not yet: it did not end within 20 s; look for a loop that never stops\n";
  } else if (signal > 0) {
    std::cout << "not yet: it crashed; look for an index beyond the end of a vector\n";
  }
  std::cout << "edit " << file.string() << " and run this again; the task: docs/book/exercises.md\n";
  return 1;
}

int list() {
  for (int number = 1; number <= static_cast<int>(exercises.size()); ++number)
    std::cout << number << "  " << exercises[static_cast<std::size_t>(number - 1)].task << "\n   "
              << file_of(number).string() << "\n";
  std::cout << "\nThe tasks: docs/book/exercises.md. `pigrad exercise 1` builds and checks the first.\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto number = std::make_shared<int>(0);
  parser.add_option("number", *number, "1 to 5; the list if left out")
      ->check(CLI::Range(1, static_cast<int>(exercises.size())).description(""))
      ->type_name("");
  return [number] { return *number == 0 ? list() : check(*number); };
}

}  // namespace

Command exercise_command() {
  return {"exercise", "Check your solution of one of the book's exercises",
          "  pigrad exercise\n"
          "  pigrad exercise 3",
          declare};
}

}  // namespace pigrad::app
