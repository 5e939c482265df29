#include "ranks.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <vector>

#include "../core/error.hpp"
#include "command.hpp"
#include "devices.hpp"
#include "environments.hpp"
#include "many/pool.hpp"
#include "run_folder.hpp"
#include "signals.hpp"
#include "versions.hpp"

namespace pigrad::app {
namespace {

#ifdef PIGRAD_HAS_MPI

/// The module that needs MPI's libraries: beside the program, or where an installation puts it.
std::unique_ptr<MpiJob> join(const MpiSettings& settings) {
  const std::filesystem::path here = std::filesystem::path(own_program()).parent_path();
  std::string why;
  for (const auto& file : {here / "pigrad-mpi.so", here / PIGRAD_MPI_INSTALLED / "pigrad-mpi.so"}) {
    if (!std::filesystem::exists(file)) continue;
    void* module = ::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (module == nullptr)
      throw Error("MPI", ::dlerror(), "install the MPI that pigrad was built with (openmpi-bin), or build it again");
    using Join = MpiJob*(const MpiSettings*, std::string*);
    auto* const join_there = reinterpret_cast<Join*>(::dlsym(module, "pigrad_join_mpi"));
    if (join_there == nullptr) throw Error(file.string(), "it is of another version", "install pigrad again");
    if (MpiJob* job = join_there(&settings, &why)) return std::unique_ptr<MpiJob>(job);
    throw Error("MPI", why, "start it as `mpirun -n N pigrad train …`");
  }
  throw Error("MPI", "there is no pigrad-mpi.so in " + here.string(), "build or install pigrad again");
}

#else

std::unique_ptr<MpiJob> join(const MpiSettings&) {
  throw Error("MPI", "this build has none, so each process would train the whole run by itself",
              "install libopenmpi-dev and openmpi-bin and build again, or set PIGRAD_MPI=off for single processes");
}

#endif

constexpr double farewell = 20;  // seconds

void speak(const std::string& words) { std::cerr << "pigrad: " + words + "\n" << std::flush; }

/// What must be the same for the bits to be.
std::string own_build() {
  std::string words;
  for (const auto& [name, value] : versions())
    if (name != "cpu" && name != "cores" && name != "parallel")
      words += (words.empty() ? "" : ", ") + name + " " + value;
  return words;
}

}  // namespace

Ranks::Ranks(const Launch& launch, double patience, const std::string& device)
    : job_(join({})), patience_(patience), device_(device) {
  try {
    take_device(device, launch);
    check_alike();
  } catch (...) {
    job_.reset();
    throw;
  }
  job_->be_patient(patience_);
}

Ranks::~Ranks() = default;

int Ranks::size() const { return job_->size(); }
bool Ranks::leads() const { return job_->rank() == 0; }
void Ranks::abort(int status) {
  job_->abort(status);
  ::_exit(status);
}

void Ranks::check_alike() {
  const std::string own = own_build();
  constexpr std::size_t room = 512;
  std::vector<std::size_t> begins;
  for (int rank = 0; rank <= size(); ++rank) begins.push_back(room * static_cast<std::size_t>(rank));
  std::vector<char> all(begins.back());
  std::memcpy(all.data() + begins[static_cast<std::size_t>(job_->rank())], own.c_str(), std::min(room - 1, own.size()));
  job_->gather(all.data(), begins);
  for (std::size_t rank = 1; rank < begins.size() - 1; ++rank)
    if (const std::string other = all.data() + begins[rank]; other != all.data())
      throw Error(
          "MPI",
          job_->name(0) + " has " + all.data() + ", and " + job_->name(static_cast<int>(rank)) + " has " + other +
              ", so their bits would differ",
          "start the same build everywhere; PIGRAD_ISA=avx2 (mpirun -x PIGRAD_ISA=avx2) suits mixed processors");
}

int Ranks::give(Order order) {
  std::vector<int> words(static_cast<std::size_t>(size()), 0);
  words[0] = static_cast<int>(order);
  std::vector<std::size_t> begins;
  for (int rank = 0; rank <= size(); ++rank) begins.push_back(sizeof(int) * static_cast<std::size_t>(rank));
  job_->orders().gather(words.data(), begins);
  const auto got = std::find_if(words.begin() + 1, words.end(), [](int signal) { return signal != 0; });
  return got == words.end() ? 0 : *got;
}

Ranks::Order Ranks::await(int signal) {
  std::vector<int> words(static_cast<std::size_t>(size()), 0);
  words[static_cast<std::size_t>(job_->rank())] = signal;
  std::vector<std::size_t> begins;
  for (int rank = 0; rank <= size(); ++rank) begins.push_back(sizeof(int) * static_cast<std::size_t>(rank));
  job_->orders().gather(words.data(), begins);
  return static_cast<Order>(words[0]);
}

void Ranks::begin(Algorithm& algorithm, const std::string& folder) {
  State state = checkpoint_of(algorithm);
  state.put("run.folder", folder);
  std::vector<std::byte> bytes = state.bytes();
  std::uint64_t size = bytes.size();
  give(Order::begin);
  job_->broadcast(0, &size, sizeof size);
  job_->broadcast(0, bytes.data(), bytes.size());
  algorithm.share(*job_);
  folder_ = folder;
}

int Ranks::epoch() { return give(Order::epoch); }
int Ranks::save() { return give(Order::save); }

bool Ranks::end(double seconds) try {
  job_->be_patient(seconds);
  give(Order::end);
  return true;
} catch (const RankLost&) {
  return false;
}

int Ranks::obey(int threads) {
  const StopSignals signals;
  const Registry environments = all_environments();
  std::unique_ptr<Algorithm> algorithm;
  for (;;) switch (await(signals.signal())) {
      case Order::begin: {
        std::uint64_t size = 0;
        job_->broadcast(0, &size, sizeof size);
        std::vector<std::byte> bytes(size);
        job_->broadcast(0, bytes.data(), bytes.size());
        State state = State::parse(std::move(bytes), "rank 0's run");
        folder_ = state.words("run.folder");
        Loaded loaded = load_checkpoint(std::move(state), "rank 0's run", environments, device_, this->size());
        algorithm = std::move(loaded.algorithm);
        if (threads == 0) threads = loaded.settings.threads;
        if (threads == 0) threads = threads_of(launched());
        algorithm->share(*job_);
        break;
      }
      case Order::epoch:
        algorithm->epoch(threads);
        break;
      case Order::save: {
        State state;
        algorithm->save(state);
        break;
      }
      case Order::end:
        return 0;
    }
}

/// The lowest rank that is left says what has happened; the others give it the time.
void Ranks::mourn(const RankLost& lost) {
  const std::vector<int> gone = job_->gone();
  int first = 0;
  while (std::find(gone.begin(), gone.end(), first) != gone.end()) ++first;
  if (job_->rank() != first) ::sleep(5);
  speak(std::string(lost.what()) + (folder_.empty()
                                        ? ""
                                        : " with `mpirun -n " + std::to_string(size()) + " pigrad train --resume " +
                                              folder_ + (device_ == "cpu" ? "" : " --device " + device_) + "`"));
  abort(1);
}

int Ranks::follow(int threads) {
  try {
    return obey(threads);
  } catch (const RankLost& lost) {
    mourn(lost);
  } catch (const std::exception& fault) {
    // Rank 0 has met it too, and says so; or this rank alone has.
    try {
      job_->be_patient(farewell);
      if (await(0) == Order::end) return 0;
    } catch (const RankLost&) {
    }
    speak(job_->name(job_->rank()) + ": " + fault.what());
    abort(1);
  }
}

int on_ranks(const Launch& launch, double patience, int threads, const std::string& device,
             const std::function<int(Ranks&)>& lead) {
  Ranks ranks(launch, patience, device);
  if (!ranks.leads()) return ranks.follow(threads);
  int status = 1;
  try {
    status = lead(ranks);
  } catch (const RankLost& lost) {
    ranks.mourn(lost);
  } catch (...) {
    status = explain_failure();
    if (!ranks.end(farewell)) ranks.abort(status);
    return status;
  }
  if (!ranks.end(farewell)) ranks.abort(status);
  return status;
}

}  // namespace pigrad::app
