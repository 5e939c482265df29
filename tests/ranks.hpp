#pragma once
#include <sstream>

#include "program.hpp"

/// `mpirun -n N pigrad …`.
namespace pigrad_test {

/// What a container with fewer cores than ranks, run as root and without ssh, needs of Open MPI.
inline void prepare_launcher() {
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                                                                  {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                                                                  {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
                                                                  {"OMPI_MCA_plm", "isolated"},
                                                                  {"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
                                                                  {"OMPI_MCA_mpi_yield_when_idle", "1"},
                                                                  {"OMPI_MCA_hwloc_base_binding_policy", "none"}})
    ::setenv(name, value, 0);
}

inline Words ranked(int ranks, const Words& words) {
  return Words{"-n", std::to_string(ranks), PIGRAD_PROGRAM} + words;
}

/// `mpirun -n N pigrad WORDS...`.
class Job : public Process {
 public:
  Job(const Folder& folder, int ranks, const Words& words)
      : Process(folder, (prepare_launcher(), ranked(ranks, words)), 0, PIGRAD_MPIRUN) {}
};

inline Ended call_ranks(const Folder& folder, int ranks, const Words& words) {
  return Job(folder, ranks, words).wait();
}

inline Words with(Words words, const Words& settings) {
  for (const std::string& s : settings) words = words + Words{"--set", s};
  return words;
}

/// Programs that a launcher started, in the order of ranks.
inline std::vector<pid_t> children_of(pid_t launcher) {
  std::vector<std::pair<int, pid_t>> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string id = entry.path().filename();
    if (id.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = slurp(entry.path() / "stat"), environment = slurp(entry.path() / "environ");
    std::istringstream after(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
    std::string state;
    pid_t parent = 0;
    after >> state >> parent;
    const std::string name = std::string(1, '\0') + "OMPI_COMM_WORLD_RANK=";
    const auto rank = environment.find(name);
    if (parent == launcher && rank != std::string::npos)
      found.emplace_back(std::atoi(environment.c_str() + rank + name.size()), static_cast<pid_t>(std::stol(id)));
  }
  std::sort(found.begin(), found.end());
  std::vector<pid_t> ids;
  for (const auto& one : found) ids.push_back(one.second);
  return ids;
}

/// Waits until the run has done so many epochs, by its file of metrics.
inline bool wait_for_epochs(const std::string& run, int epochs) {
  for (int i = 0; i < 3000; ++i) {
    if (lines(slurp(run + "/metrics.csv")) > epochs) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// Long enough to be killed in; its metrics.csv is written at each checkpoint.
inline Words long_run(const std::string& out) {
  return with({"train", "a2c-cartpole", "--out", out, "--threads", "1"},
              {"epochs=4000", "copies=16", "steps=40", "minibatch=0", "policy.steps_per_minibatch=1",
               "critic.steps_per_minibatch=1", "checkpoint_every=5", "checkpoints_kept=1", "evaluate_episodes=2"});
}

}  // namespace pigrad_test
