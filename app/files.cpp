#include "files.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "../core/error.hpp"
#include "../nn/atomic_file.hpp"

namespace pigrad::app {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_folder(const std::string& path, const std::error_code& fault) {
  throw Error(path, "the folder cannot be made or written (" + fault.message() + ")",
              "give another with --out, in a place where you may write");
}

// True if this call made the folder, false if it was there.
bool make_folder(const fs::path& path) {
  std::error_code fault;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), fault);
  if (fault) refuse_folder(path.string(), fault);
  const bool made = fs::create_directory(path, fault);
  if (fault) refuse_folder(path.string(), fault);
  return made;
}

void prove_writable(const std::string& path) {
  if (::access(path.c_str(), W_OK | X_OK) != 0) refuse_folder(path, {errno, std::generic_category()});
}

// Nothing, or hparams.yaml; a run killed in its first moment leaves that under its temporary name alone.
bool left_by_a_run(const fs::path& path) {
  return fs::exists(path / "hparams.yaml") ||
         std::all_of(fs::directory_iterator(path), fs::directory_iterator(), [](const fs::directory_entry& entry) {
           return entry.path().filename().string().starts_with("hparams.yaml.writing-");
         });
}

}  // namespace

void write_text(const std::string& path, const std::string& text) {
  write_file(path, reinterpret_cast<const std::byte*>(text.data()), text.size());
}

std::string read_text(const std::string& path) {
  const auto bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string make_run_folder(const std::string& path, IfThere if_there) {
  std::string bare = path;
  while (bare.size() > 1 && bare.back() == '/') bare.pop_back();
  if (bare.empty()) throw Error("--out", "the run folder has no name", "give one, such as runs/first");
  std::string chosen = bare;
  for (int number = 2; !make_folder(chosen); ++number) {
    if (if_there == IfThere::refuse) {
      throw Error(chosen, "the run folder is already there", "give another with --out, or --replace to replace it");
    }
    if (if_there == IfThere::replace) {
      if (!left_by_a_run(chosen)) {
        throw Error(chosen, "the folder holds files that no run left", "give another with --out, or empty it yourself");
      }
      prove_writable(chosen);
      std::error_code fault;
      for (const auto& entry : fs::directory_iterator(chosen, fault)) {
        if (!fault) fs::remove_all(entry.path(), fault);
      }
      if (fault) refuse_folder(chosen, fault);
      break;
    }
    chosen = bare + "-" + std::to_string(number);
  }
  prove_writable(chosen);
  return chosen;
}

std::string run_folder_name(const std::string& recipe, std::int64_t seed, const std::string& parent) {
  std::string name;
  for (const char c : recipe) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                       c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
    name += plain ? c : '-';
  }
  if (name.empty() || name[0] == '.') name = "run" + name;
  return parent + "/" + name + "-seed" + std::to_string(seed);
}

void prove_file(const std::string& path) {
  std::error_code fault;
  if (fs::is_directory(path, fault)) throw Error(path, "it is a folder", "give the name of a file");
  const fs::path parent = fs::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    throw Error(path, "the file cannot be written (" + folder + ": " + std::strerror(errno) + ")",
                "give one in a folder that is there and may be written");
}

}  // namespace pigrad::app
