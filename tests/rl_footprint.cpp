#include <doctest/doctest.h>

#include <limits>
#include <pigrad/core/memory.hpp>
#include <pigrad/core/parameters.hpp>
#include <pigrad/env/registry.hpp>
#include <pigrad/rl/footprint.hpp>
#include <string>

using namespace pigrad;

namespace {

const Spec& cartpole() {
  static const Registry registry = Registry::builtin();
  return registry.spec("CartPole-v1");
}

std::string refusal(const TrainSettings& settings, double available, bool with_critic = true) {
  try {
    check_footprint(settings, cartpole(), with_critic, available);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the figures count networks, rows and copies") {
  TrainSettings s;
  s.policy.network.hidden = {64, 32};
  s.copies = 3;
  s.steps = 100;
  const auto all = footprints(s, cartpole(), true);
  const auto count = [&](const std::string& key) {
    for (const Footprint& one : all)
      if (one.key == key) return one.count;
    return -1.0;
  };
  CHECK(count("policy.network.hidden") == 5 * 64 + 65 * 32 + 33 * 2);
  CHECK(count("critic.network.hidden") == 5 * 64 + 65 * 64 + 65);
  CHECK(count("steps") == 300);
  CHECK(count("copies") == 3);
  for (const Footprint& one : footprints(s, cartpole(), false)) CHECK(one.key != "critic.network.hidden");
}

TEST_CASE("what does not fit is refused by the setting that takes most") {
  TrainSettings s;
  CHECK(refusal(s, 1e9).empty());
  CHECK(refusal(s, 0).empty());
  s.copies = 100'000'000;
  s.steps = 1;
  CHECK(has(refusal(s, 1e9), "copies: 100000000 environments side by side: the run takes at least"));
  CHECK(has(refusal(s, 1e9), "there are 1.0 GB of memory here; lower copies"));
  CHECK(refusal(s, 1e12).empty());
  s.steps = 20;
  CHECK(has(refusal(s, 1e9), "steps: 2000000000 rows in a rollout"));
  s.copies = std::numeric_limits<int>::max();
  CHECK(has(refusal(s, 0), "give at most 536870911 for CartPole-v1"));
  s = {};
  s.evaluate_episodes = 500'000'000;
  CHECK(has(refusal(s, 1e9), "evaluate_episodes: 500000000 episodes side by side"));
  s = {};
  s.policy.network.hidden = {30'000, 30'000};
  CHECK(has(refusal(s, 1e9), "policy.network.hidden: 900240002 parameters in the policy"));
  CHECK(refusal(s, 0).empty());
  s.policy.network.hidden = {1'000'000, 1'000'000};
  CHECK(has(refusal(s, 0), "policy.network.hidden: 1000008000002 parameters"));
  s.policy.network.hidden = {};
  s.critic.network.hidden = {50'000, 50'000};
  CHECK(has(refusal(s, 0), "critic.network.hidden: 2500350001 parameters"));
  CHECK(refusal(s, 0, false).empty());
  s.critic.kind = "linear";
  CHECK(refusal(s, 0).empty());
}

TEST_CASE("a layer beyond what 32 bits count is refused by the layout too") {
  ParameterLayout layout;
  CHECK_THROWS_AS(layout.add("wide", 50'000, 50'000), Error);
  layout.add("large", 40'000, 40'000);
  CHECK_THROWS_AS(layout.add("more", 40'000, 40'000), Error);
}

TEST_CASE("the machine says how much memory it has") { CHECK(machine_memory() > 1e8); }
