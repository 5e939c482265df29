#pragma once
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace pigrad::app {

/// A subcommand of the program: one file under commands/, one line in commands.cpp.
struct Command {
  const char* name;
  const char* purpose;   ///< one line, for the list of commands
  const char* examples;  ///< lines to try, below the options
  /// Adds the options to the parser and gives what to run once they are read; its result is the exit status.
  std::function<int()> (*declare)(CLI::App& parser);
};

/// Every command, in the order of the help.
std::vector<Command> commands();

/// In a catch: says the exception's words in one line on standard error, and returns the exit status for it.
int explain_failure();

/// The program: parses, runs, and says what went wrong in one line on standard error.
/// Returns the exit status: 0, or 2 for a mistake in what was asked, or what the command returns.
int run_program(int argc, const char* const* argv);

}  // namespace pigrad::app
