#include <random>

#include "program.hpp"

using namespace pigrad_test;

namespace {

Words sweep_words(const std::string& out) {
  Words words = {"sweep", "a2c-cartpole", "--out", out, "--seeds", "1,4", "--grid", "gamma=0.9,0.99", "--jobs", "2"};
  for (const char* s : {"epochs=8", "steps=400", "minibatch=100", "critic.steps_per_minibatch=12", "checkpoint_every=3",
                        "checkpoints_kept=0", "evaluate_episodes=10"})
    words = words + Words{"--set", s};
  return words;
}

const Words kRuns = {"gamma=0.9/seed1", "gamma=0.9/seed4", "gamma=0.99/seed1", "gamma=0.99/seed4"};

/// The uninterrupted sweep that the others are compared with: made once.
struct Whole {
  Folder folder;
  std::string sweep = folder / "whole";
  Ended ended = call(folder, sweep_words(sweep));
};

const Whole& whole() {
  static const Whole made;
  return made;
}

void check_same_sweep(const std::string& sweep) {
  for (const std::string& run : kRuns) {
    CAPTURE(run);
    check_same_run(sweep + "/" + run, whole().sweep + "/" + run);
  }
  for (const char* file : {"/table.csv", "/values.csv", "/best.txt", "/scores.svg", "/curves.svg"})
    CHECK_MESSAGE(slurp(sweep + file) == slurp(whole().sweep + file), file);
}

void pause(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

void check_refused(const Ended& ended, const Words& parts) {
  CAPTURE(ended.err);
  CHECK(ended.status == 2);
  CHECK(ended.err.rfind("pigrad: ", 0) == 0);
  CHECK(lines(ended.err) == 1);
  for (const std::string& part : parts) CHECK_MESSAGE(has(ended.err, part), part);
}

}  // namespace

TEST_CASE("a sweep leaves a run folder for each setting and seed, tables and pictures, and says which is best") {
  CAPTURE(whole().ended.err);
  REQUIRE(whole().ended.status == 0);
  for (const std::string& run : kRuns) {
    CAPTURE(run);
    CHECK(fs::exists(whole().sweep + "/" + run + "/summary.json"));
    CHECK(!fs::exists(whole().sweep + "/" + run + "/log.txt"));
  }
  const auto table = pigrad::app::read_csv(whole().sweep + "/table.csv");
  REQUIRE(table.rows == 2);
  const auto runs = pigrad::app::read_csv(whole().sweep + "/runs.csv");
  REQUIRE(runs.rows == 4);
  // By hand: the mean of a run's (at most ten) last epochs, the mean of a setting's two runs.
  for (std::size_t setting = 0; setting < 2; ++setting) {
    double mean = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      const std::size_t i = 2 * setting + k;
      const auto metrics = pigrad::app::read_csv(whole().sweep + "/" + kRuns[i] + "/metrics.csv");
      double sum = 0;
      for (const double x : metrics.at("rollout/ep_rew_mean")) sum += x / 8;
      CHECK(runs.at("score")[i] == doctest::Approx(sum));
      mean += sum / 2;
    }
    CHECK(table.at("mean")[setting] == doctest::Approx(mean));
    CHECK(table.at("iqm")[setting] == doctest::Approx(mean));
    CHECK(table.at("iqm_low")[setting] <= table.at("iqm")[setting]);
    CHECK(table.at("runs")[setting] == 2);
  }
  const std::string& out = whole().ended.out;
  CHECK(!has(out, "\r"));
  for (const char* part :
       {"4 runs in ", "4 of 4 runs finished", "Best of 2 settings: gamma=0.9", "95 % interval", "steps/s"})
    CHECK_MESSAGE(has(out, part), part);
}

TEST_CASE("a sweep killed at any moment and called again equals one that was not") {
  std::mt19937 random(std::random_device{}());
  for (int trial = 0; trial < 3; ++trial) {
    const Folder folder;
    const std::string sweep = folder / "sweep";
    const double moment = std::uniform_real_distribution(0.05, 0.7)(random) * whole().ended.seconds;
    CAPTURE(moment);
    {
      Process process(folder, sweep_words(sweep));
      pause(moment);
      if (trial > 0) {  // with all that it started, and nothing saved
        process.signal(SIGSTOP);
        const std::string id = std::to_string(process.id());
        std::ifstream children("/proc/" + id + "/task/" + id + "/children");
        for (pid_t child = 0; children >> child;) ::kill(child, SIGKILL);
      }
      process.signal(SIGKILL);
      const int status = process.wait().status;
      CHECK((status == -SIGKILL || status == 0));  // 0: this one was faster than the first
    }
    const Ended ended =
        call(folder, trial == 1 && fs::exists(sweep + "/sweep.yaml") ? Words{"sweep", "--resume", sweep, "--jobs", "1"}
                                                                     : sweep_words(sweep));
    CAPTURE(ended.err);
    REQUIRE(ended.status == 0);
    check_same_sweep(sweep);
  }
}

TEST_CASE("SIGINT lets every running run save, and the same command goes on") {
  const Folder folder;
  const std::string sweep = folder / "sweep";
  Ended ended;
  for (int attempt = 0; attempt < 5 && ended.status != 130; ++attempt) {
    fs::remove_all(sweep);
    Process process(folder, sweep_words(sweep));
    for (int i = 0; i < 4000 && lines(slurp(sweep + "/" + kRuns[0] + "/metrics.csv")) < 3; ++i) pause(0.002);
    process.signal(SIGINT);
    ended = process.wait();
  }
  REQUIRE(ended.status == 130);
  CHECK(has(ended.err, "pigrad: SIGINT: stopped with "));
  CHECK(has(ended.err, "pigrad sweep --resume " + sweep));
  CHECK(!fs::exists(sweep + "/table.csv"));
  const Ended again = call(folder, sweep_words(sweep));
  CAPTURE(again.err);
  REQUIRE(again.status == 0);
  check_same_sweep(sweep);
}

TEST_CASE("a finished sweep is read again, and more seeds are added to it") {
  const Folder folder;
  const std::string sweep = folder / "sweep";
  fs::copy(whole().sweep, sweep, fs::copy_options::recursive);
  Words words = sweep_words(sweep);
  words[5] = "1,4,6";
  const Ended ended = call(folder, words);
  REQUIRE(ended.status == 0);
  CHECK(has(ended.out, "6 runs in "));
  CHECK(has(ended.out, "4 of them finished"));
  CHECK(pigrad::app::read_csv(sweep + "/table.csv").at("runs") == std::vector<double>{3, 3});
}

TEST_CASE("a run that fails is reported, and the others go on") {
  const Folder folder;
  // In five steps no pole falls, and unfinished episodes are left out: nothing is left to learn from.
  Words words = {"sweep", "reinforce-cartpole", "--out", "s", "--seeds", "2", "--grid", "steps=400,5"};
  for (const char* set : {"epochs=2", "evaluate_episodes=2", "whole_episodes=false", "minibatch=0"})
    words = words + Words{"--set", set};
  const Ended ended = call(folder, words);
  CAPTURE(ended.out);
  CHECK(ended.status == 1);
  const auto table = pigrad::app::read_csv(folder / "s/table.csv");
  CHECK(table.at("runs") == std::vector<double>{2, 0});
  CHECK(table.at("failed") == std::vector<double>{0, 2});
  CHECK(has(ended.out, "steps=5/seed1 failed: epoch 1: "));
  CHECK(has(ended.out, "Best of 2 settings: steps=400"));
  const std::string runs = slurp(folder / "s/runs.csv");
  CHECK(has(runs, "\n5,1,,,,,\"epoch 1: "));
  CHECK(has(runs, "\n5,2,,,,,\"epoch 1: "));
}

TEST_CASE("refine adds a finer mesh around the best") {
  const Folder folder;
  const Words words = {"sweep",    "reinforce-cartpole",
                       "--out",    "s",
                       "--seeds",  "1",
                       "--set",    "epochs=3",
                       "--set",    "evaluate_episodes=2",
                       "--grid",   "policy.optimiser.learning_rate=0.01,0.0001",
                       "--refine", "1"};
  const Ended ended = call(folder, words);
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(has(ended.out, "round 1: a finer mesh around learning_rate=0.01"));
  for (const char* name : {"s/learning_rate=0.001/seed1", "s/learning_rate=0.1/seed1"})
    CHECK_MESSAGE(fs::exists(folder / name), name);
  CHECK(pigrad::app::read_csv(folder / "s/table.csv").rows == 4);
}

TEST_CASE("what a sweep cannot do is refused in one line before anything starts") {
  const Folder folder;
  const Words a2c = {"sweep", "a2c-cartpole"};
  check_refused(call(folder, {"sweep"}), {"no recipe is named"});
  check_refused(call(folder, {"sweep", "a2c-cartpol"}), {"there is no such recipe", "did you mean"});
  check_refused(call(folder, a2c + Words{"--grid", "gama=0.9"}), {"there is no setting \"gama\"", "\"gamma\""});
  check_refused(call(folder, a2c + Words{"--grid", "gamma"}), {"no key=VALUES: write --grid gamma=VALUES"});
  check_refused(call(folder, a2c + Words{"--grid", "gamma=0.9,2"}), {"gamma = \"2\" is out of range"});
  check_refused(call(folder, a2c + Words{"--grid", "seed=1,2"}), {"--seeds"});
  check_refused(call(folder, a2c + Words{"--grid", "minibatch=400,4001"}), {"minibatch", "at most 4000"});
  check_refused(call(folder, a2c + Words{"--seeds", "0"}), {"--seeds 0", "at least one seed"});
  check_refused(call(folder, a2c + Words{"--seeds", "1,x"}), {"\"x\" is no seed"});
  check_refused(call(folder, a2c + Words{"--jobs", "0"}), {"--jobs"});
  check_refused(call(folder, a2c + Words{"--score", "mean"}), {"--score"});
  check_refused(call(folder, a2c + Words{"--metric", "rollout/ep_rew_men"}),
                {"--metric rollout/ep_rew_men", "no such column", "did you mean \"rollout/ep_rew_mean\"?"});
  check_refused(call(folder, {"sweep", "reinforce-cartpole", "--metric", "train/value_loss"}),
                {"runs of reinforce have no such column", "train/policy_loss"});
  check_refused(call(folder, a2c + Words{"--metric", "eval/mean_reward"}), {"evaluate_every"});
  check_refused(call(folder, a2c + Words{"--metric", "train/entropy", "--score", "greedy"}), {"no column"});
  check_refused(call(folder, a2c + Words{"--out", "/proc/pigrad"}), {"/proc/pigrad", "cannot be made"});
  check_refused(call(folder, {"sweep", "--resume", "nowhere"}), {"nowhere", "no sweep was begun there"});
  CHECK(!fs::exists(folder / "runs"));
  Words other = sweep_words(whole().sweep);
  other = other + Words{"--set", "lambda=0.5"};
  check_refused(call(folder, other), {"other settings", "--out"});
}
