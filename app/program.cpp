#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <new>
#include <stdexcept>

#include "../core/error.hpp"
#include "../core/nearest.hpp"
#include "command.hpp"
#include "launch.hpp"
#include "signals.hpp"
#include "terminal.hpp"
#include "versions.hpp"

namespace pigrad::app {
namespace {

constexpr int kMistake = 2, kFault = 1;

/// Of the processes of an MPI job the first speaks for all.
bool is_silent() {
  try {
    return launched().rank > 0;
  } catch (const Error&) {
    return false;
  }
}

int complain(const std::string& message) {
  if (is_silent()) return kMistake;
  std::string line = message;
  for (char& c : line) c = c == '\n' ? ' ' : c;
  std::cerr << "pigrad: " << line << "\n";
  return kMistake;
}

int memory_is_used_up() {
  complain("memory: it is used up; ask for fewer environments, steps or episodes, or smaller networks");
  return kFault;
}

std::string version_lines() {
  std::string text = "pigrad " + version() + "\n";
  for (const auto& [name, value] : versions()) {
    if (name != "pigrad")
      text += "  " + name + std::string(10 - std::min<std::size_t>(name.size(), 9), ' ') + value + "\n";
  }
  text.pop_back();
  return text;
}

// What to try instead of the first word that the parser did not know.
std::string cure(const CLI::App& parser, const CLI::App& chosen, const std::vector<Command>& all) {
  const std::vector<std::string> extras = parser.remaining(true);
  std::vector<std::string> known;
  if (&chosen == &parser) {
    for (const Command& command : all) known.emplace_back(command.name);
  } else {
    for (const CLI::Option* option : chosen.get_options()) known.push_back("--" + option->get_single_name());
  }
  const std::string help = &chosen == &parser ? "pigrad --help" : "pigrad " + chosen.get_name() + " --help";
  return (extras.empty() ? "" : did_you_mean(extras.front(), known)) + "see `" + help + "`";
}

const CLI::App& chosen_of(const CLI::App& parser) {
  const auto chosen = parser.get_subcommands();
  return chosen.empty() ? parser : *chosen.front();
}

int explain(const CLI::App& parser, const CLI::ParseError& error, const std::vector<Command>& all) {
  if (error.get_exit_code() == 0) return is_silent() ? 0 : parser.exit(error, std::cout, std::cerr);
  const CLI::App& chosen = chosen_of(parser);
  const std::vector<std::string> extras = parser.remaining(true);
  const std::string where = &chosen == &parser ? "" : chosen.get_name() + ": ";
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && !extras.empty()) {
    const char* what = extras.front().starts_with("-") ? "option" : &chosen == &parser ? "command" : "argument";
    return complain(where + "there is no " + what + " \"" + extras.front() + "\" here; " + cure(parser, chosen, all));
  }
  return complain(where + error.what() + "; " + cure(parser, chosen, all));
}

}  // namespace

int explain_failure() {
  try {
    throw;
  } catch (const Error& error) {
    return complain(error.what());
  } catch (const std::bad_alloc&) {
    return memory_is_used_up();
  } catch (const std::length_error&) {
    return memory_is_used_up();
  } catch (const std::exception& error) {
    complain(std::string("this is a fault of the program (") + error.what() + "); please report it");
    return kFault;
  }
}

int run_program(int argc, const char* const* argv) {
  const std::vector<Command> all = commands();
  CLI::App parser("Policy gradients, from the gradient up.", "pigrad");
  parser.set_version_flag("--version", version_lines, "Say the version, and what it was built with");
  parser.footer("`pigrad COMMAND --help` explains a command and shows examples.");
  parser.get_formatter()->column_width(32);
  int status = 0;
  if (is_silent()) std::cout.setstate(std::ios::failbit);
  for (const Command& command : all) {
    CLI::App* sub = parser.add_subcommand(command.name, command.purpose);
    sub->footer(std::string("Examples:\n") + command.examples);
    sub->callback([run = command.declare(*sub), &status, &command] {
      if (launched().joins && std::string(command.name) != "train")
        throw Error(command.name, "it runs in one process, and a launcher has started several",
                    "leave out mpirun; or set PIGRAD_MPI=off if each is to do all of it");
      status = run();
    });
  }
  try {
    parser.parse(argc, argv);
    if (parser.get_subcommands().empty()) std::cout << parser.help();
    std::cout.flush();
    const bool unwritten = (!std::cout && !is_silent()) || std::fflush(stdout) != 0 || std::ferror(stdout);
    if (unwritten && !output_reader_is_gone())
      return complain("standard output: it cannot be written; give it a place with room");
    return status;
  } catch (const CLI::ParseError& error) {
    return explain(parser, error, all);
  } catch (...) {
    return explain_failure();
  }
}

}  // namespace pigrad::app
