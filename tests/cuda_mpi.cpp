#include <pigrad/rl/state.hpp>

#include "ranks.hpp"

using namespace pigrad_test;

namespace {

Words on_device(Words words) { return words + Words{"--device", "cuda"}; }

/// The largest difference of two checkpoints' doubles, relative to the largest of their array.
double apart(const std::string& a, const std::string& b) {
  const pigrad::State one = pigrad::State::load(a), other = pigrad::State::load(b);
  double worst = 0;
  for (const auto& name : one.names()) {
    if (name.dtype != pigrad::Dtype::f64 || name.text == "run.seconds" || name.text == "env") continue;
    const auto &x = one.doubles(name.text), &y = other.doubles(name.text, static_cast<int>(x.size()));
    double largest = 1e-3, difference = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::isnan(x[i]) && std::isnan(y[i])) continue;
      largest = std::max(largest, std::abs(y[i]));
      difference = std::max(difference, std::abs(x[i] - y[i]));
    }
    worst = std::max(worst, difference / largest);
  }
  return worst;
}

struct Plan {
  std::string recipe;
  Words settings;
};

}  // namespace

TEST_CASE("1, 2 and 4 ranks, each on a device, leave the run of one, and the same bits each time") {
  const std::vector<Plan> plans = {
      {"a2c-cartpole", {"epochs=3", "steps=100", "minibatch=0", "copies=10", "critic.steps_per_minibatch=3"}},
      {"ppo-cartpole",
       {"epochs=3", "copies=6", "steps=50", "minibatch=100", "ppo.passes=2", "observation.normalise=true",
        "reward.scale=true"}},
  };
  for (const Plan& plan : plans) {
    CAPTURE(plan.recipe);
    const Folder folder;
    const auto words = [&](const std::string& out) {
      return on_device(
          with({"train", plan.recipe, "--out", out},
               plan.settings + Words{"evaluate_episodes=2", "scalar=float64", "source_metrics=first_step"}));
    };
    const Ended alone = call(folder, words("alone"));
    CAPTURE(alone.err);
    REQUIRE(alone.status == 0);
    for (const int ranks : {1, 2, 4}) {
      CAPTURE(ranks);
      const std::string out = "ranks" + std::to_string(ranks), again = "again" + std::to_string(ranks);
      const Ended ended = call_ranks(folder, ranks, words(out));
      CAPTURE(ended.err);
      REQUIRE(ended.status == 0);
      CHECK(ended.err.empty());
      CHECK(has(ended.out, "on each of " + std::to_string(ranks) + " ranks") == (ranks > 1));
      CHECK(apart(folder / out + "/last.safetensors", folder / "alone" + "/last.safetensors") < 1e-9);
      if (ranks != 4) continue;
      REQUIRE(call_ranks(folder, ranks, words(again)).status == 0);
      check_same_run(folder / out, folder / again);
    }
  }
}

TEST_CASE("a rank on a device that is killed ends the run with words, and its checkpoint goes on, here or there") {
  const Folder folder;
  for (const std::size_t victim : {std::size_t{1}, std::size_t{0}}) {
    CAPTURE(victim);
    const std::string out = "run" + std::to_string(victim);
    Job job(folder, 3, on_device(long_run(out) + Words{"--set", "epochs=1000000"}));
    REQUIRE(wait_for_epochs(folder / out, 10));
    const std::vector<pid_t> ranks = children_of(job.id());
    REQUIRE(ranks.size() == 3);
    ::kill(ranks[victim], SIGKILL);
    const Ended ended = job.wait();
    CAPTURE(ended.err);
    CHECK(ended.status != 0);
    CHECK(ended.seconds < 60);
    CHECK(has(ended.err, "pigrad: rank " + std::to_string(victim) + ", process " + std::to_string(ranks[victim])));
    CHECK(has(ended.err, "`mpirun -n 3 pigrad train --resume " + out + " --device cuda`"));
    const pigrad::State left = pigrad::State::load(folder / out + "/last.safetensors");
    CHECK(left.integers("progress", 2)[0] >= 5);
    const auto resumed = [&](const Words& words) {
      Job again(folder, 2, words);
      const auto epochs = static_cast<int>(left.integers("progress", 2)[0]);
      CHECK(wait_for_epochs(folder / out, epochs + 20));
      for (const pid_t rank : children_of(again.id())) ::kill(rank, SIGTERM);
      CHECK(again.wait().status == 143);
    };
    const Words words = {"train", "--resume", out, "--threads", "1"};
    resumed(victim == 0 ? words : on_device(words));
  }
}
