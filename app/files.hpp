#pragma once
#include <cstdint>
#include <string>

namespace pigrad::app {

/// Writes the whole text or leaves what was there: to a temporary name in the same folder, synced, renamed.
/// Throws Error if the folder is missing or may not be written.
void write_text(const std::string& path, const std::string& text);

/// A file's text. Throws Error if it cannot be read.
std::string read_text(const std::string& path);

/// What to do where a run folder is already there.
enum class IfThere {
  refuse,  ///< throw Error
  number,  ///< take NAME-2, NAME-3, …
  replace  ///< delete what it holds, if a run left it (it has an hparams.yaml, or is empty)
};

/// Makes `path` and its parents, and proves that a file can be written there. Returns the path of the folder made.
/// Of several processes that ask for the same name at once, each gets a folder of its own, or an Error.
/// Throws Error if it is there and `if_there` does not help, or cannot be made.
std::string make_run_folder(const std::string& path, IfThere if_there);

/// "runs/a2c-cartpole-seed123": where a run goes unless told. Signs that do not belong into file names become "-".
std::string run_folder_name(const std::string& recipe, std::int64_t seed, const std::string& parent = "runs");

/// Throws Error unless a file may be written there: before work whose result it is to hold.
void prove_file(const std::string& path);

}  // namespace pigrad::app
