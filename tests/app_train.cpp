#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>

#include "program.hpp"

using namespace pigrad_test;

namespace {

/// The uninterrupted run that the others are compared with: made once.
struct Whole {
  Folder folder;
  std::string run = folder / "whole";
  Ended ended = call(folder, short_run(run));
};

const Whole& whole() {
  static const Whole made;
  return made;
}

void pause(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

}  // namespace

TEST_CASE("train leaves a run folder with everything in it") {
  const std::string& run = whole().run;
  CAPTURE(whole().ended.err);
  REQUIRE(whole().ended.status == 0);
  CHECK(whole().ended.err.empty());
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(run)) files.push_back(entry.path().filename());
  std::sort(files.begin(), files.end());
  CHECK(files == Words{"best.safetensors", "curve.png", "curve.svg", "episodes.csv", "epoch-12.safetensors",
                       "epoch-9.safetensors", "hparams.yaml", "last.safetensors", "metrics.csv", "summary.json"});

  const auto metrics = pigrad::app::read_csv(run + "/metrics.csv");
  CHECK(metrics.rows == 12);
  for (const char* name : {"epoch", "rollout/ep_rew_mean", "rollout/ep_len_mean", "time/fps", "time/total_timesteps",
                           "time/time_elapsed", "train/entropy_loss", "train/policy_loss", "train/value_loss",
                           "train/explained_variance", "train/learning_rate"})
    CHECK_MESSAGE(metrics.contains(name), name);
  CHECK(metrics.at("time/total_timesteps").back() == 12 * 400);

  const auto episodes = pigrad::app::read_csv(run + "/episodes.csv");
  double ended = 0;
  for (const double n : metrics.at("rollout/episodes")) ended += n;
  CHECK(static_cast<double>(episodes.rows) == ended);
  CHECK(episodes.at("return") == episodes.at("length"));

  const auto summary = nlohmann::json::parse(slurp(run + "/summary.json"));
  CHECK(summary["seed"] == 1);
  CHECK(summary["environment_steps"] == 4800);
  CHECK(summary["wall_seconds"] > 0);
  CHECK(summary["settings"]["policy"]["network"]["hidden"] == std::vector<int>{64, 32});
  for (const char* which : {"final", "best"}) {
    CHECK(summary[which]["greedy"]["episodes"] == 10);
    CHECK(summary[which]["greedy"]["mean"] > 5);
  }
  CHECK(summary["final"]["sampled"]["mean"] > 5);
  CHECK(summary["versions"]["pigrad"].is_string());

  CHECK(has(slurp(run + "/curve.svg"), "</svg>"));
  CHECK(has(slurp(run + "/curve.png").substr(0, 8), "PNG"));
}

TEST_CASE("where the output is no terminal it is plain lines that begin with the layers") {
  const std::string& out = whole().ended.out;
  CHECK(!has(out, "\r"));
  CHECK(!has(out, "\x1b"));
  for (const char* part : {"a2c-cartpole (recommended)", "policy.0.weight", "64×4", "epoch 12/12", "steps/s", "greedy"})
    CHECK_MESSAGE(has(out, part), part);
}

TEST_CASE("quiet says nothing") {
  const Folder folder;
  const Ended ended = call(folder, short_run("run") + Words{"--quiet", "--set", "epochs=1"});
  CHECK(ended.status == 0);
  CHECK(ended.out.empty());
  CHECK(ended.err.empty());
  CHECK(fs::exists(folder / "run/curve.svg"));
}

TEST_CASE("hparams.yaml alone repeats a run, whatever the threads") {
  const Folder folder;
  const std::string settings = whole().run + "/hparams.yaml";
  REQUIRE(call(folder, {"train", settings, "--out", "again", "--threads", "1"}).status == 0);
  check_same_run(folder / "again", whole().run);
  CHECK(slurp(folder / "again/hparams.yaml") == slurp(settings));
  for (const char* threads : {"1", "2", "3"}) {
    CAPTURE(threads);
    REQUIRE(call(folder, {"train", settings, "--out", threads, "--threads", threads, "--set", "epochs=3"}).status == 0);
    check_same_run(folder / threads, folder / "1");
  }
  REQUIRE(call(folder, {"train", settings, "--out", "other", "--threads", "1", "--seed", "2"}).status == 0);
  CHECK(timeless_metrics(folder / "other") != timeless_metrics(whole().run));
}

TEST_CASE("a run killed at any moment goes on bit for bit") {
  const Folder folder;
  const std::string run = folder / "run";
  std::mt19937 random(std::random_device{}());
  for (int trial = 0; trial < 4; ++trial) {
    fs::remove_all(run);
    std::string moments;
    Ended ended;
    for (int kills = 0; kills < 8; ++kills) {
      const bool begun = fs::exists(run + "/hparams.yaml");
      if (!begun) fs::remove_all(run);
      Process process(folder, begun ? Words{"train", "--resume", run, "--threads", "1"} : short_run(run));
      const double moment = std::uniform_real_distribution(0.0, 1.1)(random) * whole().ended.seconds;
      moments += pigrad::shortest(moment) + " ";
      if (kills < 3 || moment > whole().ended.seconds) {
        pause(moment);
        process.signal(SIGKILL);
      }
      ended = process.wait();
      if (ended.status != -SIGKILL) break;
    }
    CAPTURE(moments);
    CAPTURE(ended.err);
    REQUIRE(ended.status == 0);
    check_same_run(run, whole().run);
    CHECK(fs::exists(run + "/summary.json"));
    for (const auto& entry : fs::directory_iterator(run)) CHECK(!has(entry.path().string(), ".writing"));
  }
}

TEST_CASE("SIGINT and SIGTERM finish the epoch, save, and say how to go on") {
  for (const int number : {SIGINT, SIGTERM}) {
    const Folder folder;
    const std::string run = folder / "run";
    Ended ended;
    for (int attempt = 0; attempt < 5 && ended.status != 128 + number; ++attempt) {
      fs::remove_all(run);
      Process process(folder, short_run(run));
      for (int i = 0; i < 2000 && lines(slurp(run + "/metrics.csv")) < 3; ++i) pause(0.002);
      process.signal(number);
      ended = process.wait();
    }
    REQUIRE(ended.status == 128 + number);
    CHECK(has(ended.err, number == SIGINT ? "pigrad: SIGINT: stopped after epoch " : "pigrad: SIGTERM: stopped"));
    CHECK(ended.err.starts_with(
        "pigrad: stopping: this epoch, or the last evaluation, is finished and saved first; a second signal"));
    CHECK(has(ended.err, "pigrad train --resume " + run + " --threads 1`"));
    CHECK(lines(ended.err) == 2);
    CHECK(fs::exists(run + "/curve.svg"));
    CHECK(!fs::exists(run + "/summary.json"));
    REQUIRE(call(folder, {"train", "--resume", run + "/", "--threads", "1"}).status == 0);
    check_same_run(run, whole().run);
  }
}

TEST_CASE("a signal is answered at once, before the epoch ends, and not by a quiet run") {
  for (const bool quiet : {false, true}) {
    const Folder folder;
    Words words = short_run("run") + Words{"--set", "epochs=1", "--set", "steps=4000000", "--set", "minibatch=0"};
    if (quiet) words.push_back("--quiet");
    Process process(folder, words);
    while (!fs::exists(folder / "run/last.safetensors")) pause(0.01);
    pause(0.3);
    process.signal(SIGTERM);
    for (int i = 0; i < 200 && slurp(folder / ".err").empty(); ++i) pause(0.01);
    CHECK(has(slurp(folder / ".err"), "stopping: this epoch, or") != quiet);
    process.signal(SIGTERM);
    CHECK(process.wait().status == -SIGTERM);
  }
}

TEST_CASE("a run that is gone on with leaves animations as it was asked to at first") {
  const Folder folder;
  const Words words = short_run("run") + Words{"--gif-every", "5", "--log", "csv,tensorboard"};
  Ended ended;
  for (int attempt = 0; attempt < 5 && ended.status != 143; ++attempt) {
    fs::remove_all(folder / "run");
    Process process(folder, words);
    for (int i = 0; i < 2000 && lines(slurp(folder / "run/metrics.csv")) < 3; ++i) pause(0.002);
    process.signal(SIGTERM);
    ended = process.wait();
  }
  REQUIRE(ended.status == 143);
  REQUIRE(!fs::exists(folder / "run/epoch-10.gif"));
  REQUIRE(call(folder, {"train", "--resume", "run"}).status == 0);
  CHECK(fs::exists(folder / "run/epoch-5.gif"));
  CHECK(fs::exists(folder / "run/epoch-10.gif"));
}

TEST_CASE("an environment whose episodes have no time limit is trained and evaluated to their ends") {
  const Folder folder;
  const Ended ended =
      call(folder, short_run("run") + Words{"--set", "environment=Bandit-v0", "--set", "evaluate_every=4"});
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(nlohmann::json::parse(slurp(folder / "run/summary.json"))["final"]["greedy"]["mean"] <= 1.0);
  CHECK(call(folder, {"eval", "run"}).status == 0);
}

TEST_CASE("a run that has not come to its first epoch can be gone on with") {
  const Folder folder;
  const std::string run = folder / "run";
  fs::create_directory(run);
  fs::copy(whole().run + "/hparams.yaml", run + "/hparams.yaml");
  SUBCASE("with no checkpoint") {}
  SUBCASE("with rows, but no checkpoint") { fs::copy(whole().run + "/metrics.csv", run + "/metrics.csv"); }
  REQUIRE(call(folder, {"train", "--resume", run, "--threads", "1"}).status == 0);
  check_same_run(run, whole().run);
}

TEST_CASE("a run goes on from an older checkpoint of it") {
  const Folder folder;
  const std::string run = folder / "run";
  fs::copy(whole().run, run);
  const Ended ended = call(folder, {"train", "--resume", run + "/epoch-9.safetensors", "--threads", "3"});
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  check_same_run(run, whole().run);
}

TEST_CASE("a run is not gone on with by other settings, nor by two at once") {
  const Folder folder;
  const std::string run = folder / "run";
  REQUIRE(call(folder, short_run(run) + Words{"--set", "gamma=0.5"}).status == 0);
  fs::copy_file(whole().run + "/last.safetensors", run + "/last.safetensors", fs::copy_options::overwrite_existing);
  const std::string before = slurp(run + "/metrics.csv");
  const Ended ended = call(folder, {"train", "--resume", run});
  CHECK(ended.status == 2);
  CHECK(has(ended.err, "gamma is 0.5 there, and 0.99 in the checkpoint"));
  CHECK(slurp(run + "/metrics.csv") == before);

  const std::string long_run = folder / "long";
  Process first(folder, short_run(long_run) + Words{"--set", "epochs=100000"});
  while (!fs::exists(long_run + "/last.safetensors")) pause(0.01);
  const Ended second = call(folder, {"train", "--resume", long_run});
  CHECK(second.status == 2);
  CHECK(has(second.err, "another process is at work there"));
  first.signal(SIGKILL);
  first.wait();
}

TEST_CASE("a finished run is left as it is") {
  const Folder folder;
  const std::string run = folder / "run";
  fs::copy(whole().run, run);
  fs::remove(run + "/curve.png");
  const std::string last = slurp(run + "/last.safetensors"), summary = slurp(run + "/summary.json");
  const Ended ended = call(folder, {"train", "--resume", run});
  CHECK(ended.status == 0);
  CHECK(has(ended.out, "finished, all 12 epochs"));
  CHECK(slurp(run + "/last.safetensors") == last);
  CHECK(slurp(run + "/summary.json") == summary);
  CHECK(fs::exists(run + "/curve.png"));

  fs::remove(run + "/summary.json");  // killed while it finished
  CHECK(call(folder, {"train", "--resume", run}).status == 0);
  CHECK(nlohmann::json::parse(slurp(run + "/summary.json"))["final"] == nlohmann::json::parse(summary)["final"]);
}

TEST_CASE("out refuses a run that is there unless it may be replaced; without it runs are numbered") {
  const Folder folder;
  const Words run = {"train", "reinforce-cartpole", "--set", "epochs=1", "--set", "evaluate_episodes=1", "--quiet"};
  CHECK(call(folder, run + Words{"--out", "a"}).status == 0);
  const Ended again = call(folder, run + Words{"--out", "a"});
  CHECK(again.status == 2);
  CHECK(has(again.err, "--replace"));
  CHECK(call(folder, run + Words{"--out", "a", "--replace", "--seed", "9", "--variant", "source"}).status == 0);
  const std::string settings = slurp(folder / "a/hparams.yaml");
  CHECK(has(settings, "seed: 9 "));
  CHECK(has(settings, "variant: source"));
  CHECK(has(settings, "edge: last_reward"));
  CHECK(call(folder, run).status == 0);
  CHECK(call(folder, run).status == 0);
  CHECK(fs::exists(folder / "runs/reinforce-cartpole-seed1-2/summary.json"));
}

TEST_CASE(
    "evaluations on the way go to the metrics, and a curve is drawn from a single epoch or from none that ended") {
  const Folder folder;
  Words run = short_run("a") + Words{"--set", "epochs=3", "--set", "evaluate_every=2"};
  REQUIRE(call(folder, run).status == 0);
  const auto metrics = pigrad::app::read_csv(folder / "a/metrics.csv");
  const auto& eval = metrics.at("eval/mean_reward");
  CHECK(std::isnan(eval[0]));
  CHECK(eval[1] > 0);
  CHECK(std::isnan(eval[2]));

  const Ended none = call(folder, short_run("none") + Words{"--set", "epochs=2", "--set", "steps=5", "--set",
                                                            "minibatch=0", "--set", "checkpoint_every=0"});
  CAPTURE(none.err);
  CHECK(none.status == 0);
  CHECK(!fs::exists(folder / "none/best.safetensors"));
  CHECK(!nlohmann::json::parse(slurp(folder / "none/summary.json")).contains("best"));
  CHECK(has(slurp(folder / "none/curve.svg"), "</svg>"));
}

TEST_CASE("eval reads a run and a checkpoint") {
  const Folder folder;
  const Ended run = call(folder, {"eval", whole().run, "--episodes", "10"});
  CHECK(run.status == 0);
  const auto summary = nlohmann::json::parse(slurp(whole().run + "/summary.json"));
  CHECK(has(run.out, pigrad::app::six_digits(summary["final"]["greedy"]["mean"])));
  CHECK(has(run.out, "sampled"));
  const Ended file = call(folder, {"eval", whole().run + "/best.safetensors", "--episodes", "10", "--threads", "1"});
  CHECK(file.status == 0);
  CHECK(has(file.out, pigrad::app::six_digits(summary["best"]["greedy"]["mean"])));
}

TEST_CASE("list and help answer at once") {
  const Folder folder;
  const Ended all = call(folder, {"list"});
  for (const char* part : {"CartPole-v1", "a2c", "reinforce", "a2c-cartpole", "reinforce-cartpole"})
    CHECK_MESSAGE(has(all.out, part), part);
  double least = 1e9;
  for (int i = 0; i < 5; ++i) least = std::min(least, call(folder, {"--version"}).seconds);
  MESSAGE("from start to end: ", least * 1000, " ms");
  for (const char* command : {"train", "eval", "list", "trace"}) {
    const Ended help = call(folder, {command, "--help"});
    CHECK(help.status == 0);
    CHECK(has(help.out, std::string("Examples:\n  pigrad ") + command));
  }
}

TEST_CASE("trace plays golden steps in 17 digits") {
  const Folder folder;
  const std::string golden = slurp(PIGRAD_GOLDEN_DIR "/cartpole.bin");
  std::size_t at = 4;
  const auto next = [&](auto value) {
    std::memcpy(&value, golden.data() + at, sizeof value);
    at += sizeof value;
    return value;
  };
  const auto state = [&] {
    std::vector<double> s;
    for (int i = 0; i < 4; ++i) s.push_back(next(0.0));
    return s;
  };
  const auto version = next(std::uint32_t{}), steps = next(std::uint32_t{});
  std::vector<double> before = state();
  for (std::uint32_t t = 0; t < std::min(steps, 12u); ++t) {
    spit(folder / "actions", "# left is 0\n" + std::to_string(next(std::uint8_t{})) + "\n");
    const auto terminated = next(std::uint8_t{}), truncated = next(std::uint8_t{}), reward = next(std::uint8_t{});
    std::string numbers;
    for (const double x : before) numbers += (numbers.empty() ? "" : ",") + pigrad::shortest(x);
    const Ended played =
        call(folder, {"trace", "CartPole-v" + std::to_string(version), "--state=" + numbers, "--actions", "actions"});
    REQUIRE(played.status == 0);
    spit(folder / "trace.csv", played.out);
    const auto table = pigrad::app::read_csv(folder / "trace.csv");
    REQUIRE(table.rows == 2);
    const std::vector<double> after = state();
    for (std::size_t i = 0; i < 4; ++i) {
      const auto& column = table.at("observation_" + std::to_string(i));
      CHECK(column[0] == before[i]);
      CHECK(std::abs(column[1] - after[i]) <= 1e-12);
    }
    CHECK(table.at("reward")[1] == reward);
    CHECK(table.at("terminated")[1] == terminated);
    if (t + 1 < steps) CHECK(table.at("truncated")[1] == 0);
    static_cast<void>(truncated);
    before = after;
  }
}
