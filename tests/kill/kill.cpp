#include <pigrad/app/environments.hpp>
#include <pigrad/app/run_folder.hpp>
#include <pigrad/core/error.hpp>
#include <random>

#include "../program.hpp"

using namespace pigrad_test;
using pigrad::app::RunPaths;

namespace {

/// How many random moments: PIGRAD_KILLS, 20 unless told. From 300 on, every change of a file has its turn too.
int kills_asked() {
  const char* asked = std::getenv("PIGRAD_KILLS");
  return asked == nullptr ? 20 : std::atoi(asked);
}

/// A run with a checkpoint every epoch or two, and what goes on with it.
struct Plan {
  std::string recipe;
  Words settings;

  Words begin(const std::string& out) const {
    Words words = {"train", recipe, "--out", out, "--replace", "--threads", "1"};
    for (const std::string& setting : settings) words = words + Words{"--set", setting};
    return words;
  }
  /// What a user does after a kill: resumes, or begins anew where the run had not begun.
  Words again(const std::string& out) const {
    return fs::exists(out + "/hparams.yaml") ? Words{"train", "--resume", out, "--threads", "1"} : begin(out);
  }
};

const std::vector<Plan>& plans() {
  static const std::vector<Plan> all = {
      {"a2c-cartpole",
       {"epochs=10", "steps=200", "minibatch=100", "critic.steps_per_minibatch=4", "checkpoint_every=1",
        "checkpoints_kept=2", "evaluate_episodes=2"}},
      {"ppo-pendulum",
       {"epochs=8", "copies=4", "steps=64", "minibatch=64", "ppo.passes=2", "checkpoint_every=2", "checkpoints_kept=3",
        "evaluate_every=2", "evaluate_episodes=2", "log=csv,tensorboard", "scalar=float64"}},
      {"reinforce-cartpole",
       {"epochs=8", "steps=400", "checkpoint_every=1", "checkpoints_kept=0", "grad_metrics=3", "evaluate_episodes=2"}},
  };
  return all;
}

/// The unbroken run of a plan, made once.
struct Whole {
  Folder folder;
  std::string run = folder / "whole";
  Ended ended;
  explicit Whole(const Plan& plan) : ended(call(folder, plan.begin(run))) { REQUIRE(ended.status == 0); }
};

const Whole& whole(std::size_t plan) {
  static const std::vector<std::unique_ptr<Whole>> made = [] {
    std::vector<std::unique_ptr<Whole>> all;
    for (const Plan& each : plans()) all.push_back(std::make_unique<Whole>(each));
    return all;
  }();
  return *made[plan];
}

Words names(const std::string& run) {
  Words found;
  if (!fs::exists(run)) return found;
  for (const auto& entry : fs::directory_iterator(run)) {
    const std::string name = entry.path().filename().string();
    found.push_back(name.starts_with("events.out") ? "events" : name);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

bool is_temporary(const std::string& name) { return has(name, ".writing-"); }

/// What a killed run left: each checkpoint in it loads, and no temporary file passes for one. Returns its kind.
std::string check_left(const std::string& run) {
  const RunPaths paths{run};
  const pigrad::Registry environments = pigrad::app::all_environments();
  const auto loads = [&](const std::string& file) {
    CAPTURE(file);
    CHECK(!is_temporary(file));
    CHECK_NOTHROW(pigrad::app::load_checkpoint(file, environments));
  };
  for (const std::string& file : {paths.last(), paths.best()})
    if (fs::exists(file)) loads(file);
  for (const std::string& file : pigrad::app::kept_checkpoints(paths)) loads(file);
  if (fs::exists(paths.last())) loads(pigrad::app::checkpoint_path(run));
  const Words left = names(run);
  if (left.empty()) return "before the run's folder had a file";
  if (std::any_of(left.begin(), left.end(), is_temporary)) return "while a file was being written";
  if (!fs::exists(paths.last())) return "before the first checkpoint";
  if (fs::exists(paths.summary())) return "after the summary was written";
  return "between two files";
}

/// The finished run is the unbroken one: metrics, episodes, every checkpoint, and no other file.
void check_same(const std::string& run, const std::string& unbroken) {
  check_same_run(run, unbroken);
  CHECK(names(run) == names(unbroken));
  for (const std::string& file : pigrad::app::kept_checkpoints(RunPaths{unbroken}))
    CHECK_MESSAGE(arrays(file) == arrays(run + "/" + fs::path(file).filename().string()), file);
}

/// `pigrad WORDS…` with the library that stops it at a change of a file.
Ended stopped(const Folder& folder, const Words& words, const std::string& stop) {
  ::setenv("LD_PRELOAD", PIGRAD_STOP_AT, 1);
  ::setenv("PIGRAD_STOP", stop.c_str(), 1);
  Process process(folder, words);
  ::unsetenv("LD_PRELOAD");
  ::unsetenv("PIGRAD_STOP");
  return process.wait();
}

/// A run ended at change 1, 1 + stride, …, until it ends by itself; each time `check` looks at what is there.
template <class Check>
void at_each_change(const std::string& kind, int stride, Check check) {
  for (std::size_t plan = 0; plan < plans().size(); ++plan) {
    int changes = 0;
    for (int at = 1;; at += stride) {
      const Folder folder;
      const std::string run = folder / "run", stop = kind + " " + std::to_string(at);
      CAPTURE(plans()[plan].recipe);
      CAPTURE(stop);
      const Ended ended = stopped(folder, plans()[plan].begin(run), stop);
      CAPTURE(ended.err);
      if (ended.status == 0) break;
      changes = at;
      check(folder, run, plan, ended);
    }
    // Fewer would mean that the library was not loaded.
    CHECK(changes > 60);
    MESSAGE(plans()[plan].recipe << ": " << kind << " at each change up to " << changes << ", in steps of " << stride);
  }
}

void finish(const Folder& folder, const std::string& run, std::size_t plan) {
  const Ended ended = call(folder, plans()[plan].again(run));
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  check_same(run, whole(plan).run);
}

int stride() { return kills_asked() >= 300 ? 1 : 37; }

}  // namespace

TEST_CASE("a run that SIGKILL ends at random moments goes on, and ends bit for bit as the unbroken one") {
  std::mt19937 random(std::random_device{}());
  std::map<std::string, int> moments;
  for (int kills = 0, trial = 0; kills < kills_asked(); ++trial) {
    const std::size_t plan = static_cast<std::size_t>(trial) % plans().size();
    const Folder folder;
    const std::string run = folder / "run";
    CAPTURE(plans()[plan].recipe);
    std::string at;
    Ended ended;
    for (int killed_here = 0;; ++killed_here) {
      Process process(folder, plans()[plan].again(run));
      if (killed_here < 4 && kills < kills_asked()) {
        const double moment = std::uniform_real_distribution(0.0, 0.8)(random) * whole(plan).ended.seconds;
        at += pigrad::shortest(moment) + " ";
        std::this_thread::sleep_for(std::chrono::duration<double>(moment));
        process.signal(SIGKILL);
      }
      ended = process.wait();
      CAPTURE(at);
      if (ended.status != -SIGKILL) break;
      ++kills;
      ++moments[check_left(run)];
    }
    CAPTURE(at);
    CAPTURE(ended.err);
    REQUIRE(ended.status == 0);
    check_same(run, whole(plan).run);
  }
  for (const auto& [moment, times] : moments) MESSAGE(times << " kills " << moment);
}

TEST_CASE("a run ended before any change that it makes to a file goes on bit for bit") {
  at_each_change("kill", stride(), [](const Folder& folder, const std::string& run, std::size_t plan, const Ended& e) {
    REQUIRE(e.status == -SIGKILL);
    check_left(run);
    finish(folder, run, plan);
  });
}

TEST_CASE("a run ended in the middle of any of its writes goes on bit for bit") {
  at_each_change("half", stride(), [](const Folder& folder, const std::string& run, std::size_t plan, const Ended& e) {
    REQUIRE(e.status == -SIGKILL);
    check_left(run);
    finish(folder, run, plan);
  });
}

TEST_CASE("a disk that is full from any change on is said with exit status 2, and the run goes on once there is room") {
  at_each_change("full", stride(), [](const Folder& folder, const std::string& run, std::size_t plan, const Ended& e) {
    CHECK(e.status == 2);
    CHECK(has(e.err, "No space left on device"));
    CHECK(lines(e.err) == 1);
    check_left(run);
    for (const std::string& name : names(run)) CHECK(!is_temporary(name));
    finish(folder, run, plan);
  });
}

namespace {

/// `pigrad WORDS…` in a shell with mounts of its own, which `mounts` made; status 77 if they are not allowed here.
Ended mounted(const Folder& folder, const std::string& mounts, const Words& words) {
  std::string line =
      "cd " + folder.path() + " && unshare -rm sh -c '" + mounts + " || exit 77; exec \"$0\" \"$@\"' " + PIGRAD_PROGRAM;
  for (const std::string& word : words) line += " " + word;
  Ended ended;
  const int status = std::system((line + " >.out 2>.err").c_str());
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  ended.out = slurp(folder / ".out");
  ended.err = slurp(folder / ".err");
  return ended;
}

}  // namespace

TEST_CASE("a file system that is full ends the run in words") {
  const Folder folder;
  fs::create_directory(folder / "small");
  const Plan& plan = plans()[0];
  // What was written is copied out before the mount goes.
  const std::string mounts = "mount -t tmpfs -o size=200k none small";
  const Ended ended = mounted(folder, mounts, plan.begin("small/run"));
  if (ended.status == 77) {
    MESSAGE("skipped: no file system may be mounted here");
    return;
  }
  CAPTURE(ended.err);
  CHECK(ended.status == 2);
  CHECK(has(ended.err, "No space left on device"));
  CHECK(has(ended.err, "on a disk with room"));
  CHECK(lines(ended.err) == 1);
}

TEST_CASE("a folder that may only be read is refused in words, and what it holds stays as it was") {
  const Folder folder;
  fs::copy(whole(0).run, folder / "run");
  const std::string mounts = "mount --bind run run && mount -o remount,ro,bind run";
  const std::string before = slurp(folder / "run/last.safetensors");
  for (const Words& words : {Words{"train", "--resume", "run"}, plans()[0].begin("run"), plans()[0].begin("run/new")}) {
    const Ended ended = mounted(folder, mounts, words);
    if (ended.status == 77) {
      MESSAGE("skipped: no file system may be mounted here");
      return;
    }
    CAPTURE(ended.err);
    CHECK(ended.status == 2);
    CHECK(has(ended.err, "Read-only file system"));
    CHECK(lines(ended.err) == 1);
  }
  CHECK(mounted(folder, mounts, {"eval", "run", "--episodes", "2"}).status == 0);
  CHECK(slurp(folder / "run/last.safetensors") == before);
  CHECK(names(folder / "run") == names(whole(0).run));
}
