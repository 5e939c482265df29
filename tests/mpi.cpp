#include "ranks.hpp"

using namespace pigrad_test;

namespace {

struct Plan {
  std::string recipe;
  Words settings;
};

}  // namespace

TEST_CASE("1, 2, 3 and 4 ranks leave the run that the program leaves by itself") {
  const std::vector<Plan> plans = {
      {"a2c-cartpole", {"epochs=4", "steps=400", "minibatch=0", "copies=4", "critic.steps_per_minibatch=3"}},
      {"ppo-cartpole",
       {"epochs=3", "copies=6", "steps=100", "minibatch=400", "ppo.passes=2", "observation.normalise=true",
        "reward.scale=true", "evaluate_every=2", "log=csv,tensorboard"}},
      {"reinforce-cartpole", {"epochs=3", "whole_episodes=true", "episodes=20", "copies=5", "grad_metrics=2"}},
  };
  for (const Plan& plan : plans)
    for (const char* scalar : {"float32", "float64"}) {
      CAPTURE(plan.recipe);
      const Folder folder;
      const auto words = [&](const std::string& out) {
        return with({"train", plan.recipe, "--out", out, "--threads", "1"},
                    plan.settings + Words{"evaluate_episodes=2", std::string("scalar=") + scalar});
      };
      const Ended alone = call(folder, words("alone"));
      CAPTURE(alone.err);
      REQUIRE(alone.status == 0);
      for (const int ranks : std::string(scalar) == "float32" ? std::vector<int>{1, 2, 3, 4} : std::vector<int>{3}) {
        CAPTURE(ranks);
        const std::string out = "ranks" + std::to_string(ranks);
        const Ended ended = call_ranks(folder, ranks, words(out));
        CAPTURE(ended.err);
        REQUIRE(ended.status == 0);
        CHECK(ended.err.empty());
        check_same_run(folder / "alone", folder / out);
        CHECK(has(ended.out, "on each of " + std::to_string(ranks) + " ranks") == (ranks > 1));
        if (ranks > 1) CHECK(lines(ended.out) == lines(alone.out));
      }
    }
}

TEST_CASE("a rank that is killed ends the run with words, and what is there goes on to the same bits") {
  const Folder folder;
  const Ended alone = call(folder, long_run("alone") + Words{"--set", "epochs=700"});
  REQUIRE(alone.status == 0);
  for (const std::size_t victim : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {
    CAPTURE(victim);
    const std::string out = "run" + std::to_string(victim);
    Job job(folder, 3, long_run(out) + Words{"--set", "epochs=700"});
    REQUIRE(wait_for_epochs(folder / out, 10));
    const std::vector<pid_t> ranks = children_of(job.id());
    REQUIRE(ranks.size() == 3);
    ::kill(ranks[victim], SIGKILL);
    const Ended ended = job.wait();
    CAPTURE(ended.err);
    CHECK(ended.status != 0);
    CHECK(ended.seconds < 60);
    CHECK(has(ended.err, "pigrad: rank " + std::to_string(victim) + ", process " + std::to_string(ranks[victim])));
    CHECK(has(ended.err, "`mpirun -n 3 pigrad train --resume " + out + "`"));
    const Words again = {"train", "--resume", out, "--threads", "1"};
    const Ended resumed = victim == 2 ? call(folder, again) : call_ranks(folder, 2, again);
    CAPTURE(resumed.err);
    REQUIRE(resumed.status == 0);
    check_same_run(folder / "alone", folder / out);
  }
}

TEST_CASE("a signal to any rank ends the epoch on all of them, saves, and goes on later") {
  const Folder folder;
  const Ended alone = call(folder, long_run("alone") + Words{"--set", "epochs=700"});
  REQUIRE(alone.status == 0);
  for (const auto& [number, to] : {std::pair{SIGINT, 0}, {SIGTERM, 1}}) {
    const std::string out = "run" + std::to_string(number);
    Job job(folder, 2, long_run(out) + Words{"--set", "epochs=700"});
    REQUIRE(wait_for_epochs(folder / out, 10));
    const std::vector<pid_t> ranks = children_of(job.id());
    REQUIRE(ranks.size() == 2);
    ::kill(ranks[static_cast<std::size_t>(to)], number);
    const Ended ended = job.wait();
    CAPTURE(ended.err);
    CHECK(ended.status == 128 + number);
    CHECK(has(ended.err, "stopped after epoch "));
    CHECK(has(ended.err, "and saved; go on with `mpirun -n 2 pigrad train --resume " + out));
    REQUIRE(call_ranks(folder, 3, {"train", "--resume", out, "--threads", "1"}).status == 0);
    check_same_run(folder / "alone", folder / out);
  }
}

TEST_CASE("what is asked wrongly is said once") {
  const Folder folder;
  const auto said_once = [&](const Words& words, const std::string& part) {
    const Ended ended = call_ranks(folder, 3, words);
    CAPTURE(ended.err);
    CHECK(ended.status == 2);
    CHECK(has(ended.err, part));
    std::size_t lines_of_ours = 0;
    std::istringstream all(ended.err);
    for (std::string line; std::getline(all, line);) lines_of_ours += line.starts_with("pigrad: ");
    CHECK(lines_of_ours == 1);
  };
  said_once({"train", "no-such-recipe"}, "no-such-recipe");
  said_once({"train", "a2c-cartpole", "--sed", "1"}, "--sed");
  said_once({"train", "a2c-cartpole", "--set", "gamma=2"}, "gamma");
  said_once({"train", "--resume", "nothing"}, "nothing");
  if (!fs::exists("/dev/nvidiactl")) said_once({"train", "a2c-cartpole", "--device", "cuda"}, "--device");
  said_once({"eval", "nothing"}, "leave out mpirun");
  const Ended help = call_ranks(folder, 3, {"train", "--help"});
  CHECK(help.status == 0);
  CHECK(help.out.find("Usage") == help.out.rfind("Usage"));
}

TEST_CASE("without a launcher, or where it is told so, the program knows of no ranks") {
  const Folder folder;
  ::setenv("PIGRAD_MPI", "sometimes", 1);
  const Ended wrong = call(folder, {"train", "a2c-cartpole"});
  CHECK(wrong.status == 2);
  CHECK(has(wrong.err, "PIGRAD_MPI"));
  ::setenv("PIGRAD_MPI", "off", 1);
  ::setenv("OMPI_COMM_WORLD_SIZE", "4", 1);
  ::setenv("OMPI_COMM_WORLD_RANK", "3", 1);
  const Ended ended = call(folder, short_run("run") + Words{"--set", "epochs=1"});
  ::unsetenv("PIGRAD_MPI");
  ::unsetenv("OMPI_COMM_WORLD_SIZE");
  ::unsetenv("OMPI_COMM_WORLD_RANK");
  CAPTURE(ended.err);
  CHECK(ended.status == 0);
  CHECK(!has(ended.out, "ranks"));
}
