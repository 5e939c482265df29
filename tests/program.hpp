#pragma once
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pigrad/app/csv.hpp>
#include <pigrad/app/text.hpp>
#include <pigrad/nn/safetensors.hpp>
#include <string>
#include <thread>
#include <vector>

/// The built program as a process, and what it leaves on the disk.
namespace pigrad_test {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

inline std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void spit(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

/// A folder that is gone at the end of its scope.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "pigrad-program-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Ended {
  int status = 0;  ///< exit status, or minus the signal that ended it
  std::string out, err;
  double seconds = 0;
};

/// `pigrad WORDS...`, or another program's, with its working directory in `folder`.
class Process {
 public:
  /// @param largest_file bytes that a file may grow to, as on a disk that is full; 0: no limit
  Process(const Folder& folder, const Words& words, std::size_t largest_file = 0, const char* program = PIGRAD_PROGRAM)
      : out_(folder / ".out"), err_(folder / ".err") {
    std::vector<const char*> arguments = {program};
    for (const std::string& word : words) arguments.push_back(word.c_str());
    arguments.push_back(nullptr);
    const int out = ::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    const int err = ::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    id_ = ::fork();
    if (id_ == 0) {
      ::dup2(out, STDOUT_FILENO);
      ::dup2(err, STDERR_FILENO);
      if (largest_file > 0) {
        const rlimit limit{largest_file, largest_file};
        ::setrlimit(RLIMIT_FSIZE, &limit);
      }
      if (::chdir(folder.path().c_str()) != 0) ::_exit(126);
      ::execv(program, const_cast<char* const*>(arguments.data()));
      ::_exit(127);
    }
    ::close(out);
    ::close(err);
  }
  ~Process() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const { ::kill(id_, number); }
  pid_t id() const { return id_; }
  Ended wait() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = 0;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), slurp(out_), slurp(err_), seconds};
  }

 private:
  std::string out_, err_;
  pid_t id_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

inline Ended call(const Folder& folder, const Words& words) { return Process(folder, words).wait(); }

inline Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
inline auto lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// A run short enough to be made often, long enough to be killed in.
inline Words short_run(const std::string& out) {
  Words words = {"train", "a2c-cartpole", "--out", out, "--threads", "1"};
  for (const char* s : {"epochs=12", "steps=400", "minibatch=100", "critic.steps_per_minibatch=12",
                        "checkpoint_every=3", "checkpoints_kept=2", "evaluate_episodes=10"})
    words = words + Words{"--set", s};
  return words;
}

/// metrics.csv without what a clock says.
inline std::string timeless_metrics(const std::string& run) {
  const pigrad::app::CsvTable table = pigrad::app::read_csv(run + "/metrics.csv");
  std::string text;
  for (const std::string& column : table.columns) {
    if (column.starts_with("time/") && column != "time/total_timesteps") continue;
    text += column;
    for (const double x : table.at(column)) text += " " + pigrad::shortest(x);
    text += "\n";
  }
  return text;
}

/// Every array of a checkpoint, as bits, but the clock's.
inline std::string arrays(const std::string& path) {
  const pigrad::TensorFile file = pigrad::TensorFile::load(path);
  std::string text;
  const auto add = [&](const auto& values) {
    text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]);
  };
  for (const auto& entry : file.entries()) {
    if (entry.name == "run.seconds") continue;
    text += entry.name + pigrad::shape_text(entry.shape);
    if (entry.dtype == pigrad::Dtype::f64) add(file.values<double>(entry.name));
    if (entry.dtype == pigrad::Dtype::f32) add(file.values<float>(entry.name));
    if (entry.dtype == pigrad::Dtype::i64) add(file.values<std::int64_t>(entry.name));
  }
  return text;
}

inline void check_same_run(const std::string& run, const std::string& other) {
  CHECK(timeless_metrics(run) == timeless_metrics(other));
  CHECK(slurp(run + "/episodes.csv") == slurp(other + "/episodes.csv"));
  for (const char* file : {"/last.safetensors", "/best.safetensors"})
    CHECK_MESSAGE(arrays(run + file) == arrays(other + file), file);
}

}  // namespace pigrad_test
