#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <pigrad/env/trace.hpp>

#include "env_run.hpp"

using namespace pigrad;

TEST_CASE("threads, ranges and a resume change no bit over many episodes") {
  const EnvOptions options;
  Run a("CartPole-v1", 700, options), b("CartPole-v1", 700, options), d("CartPole-v1", 700, options, 9);
  const Random random(3, Purpose::test);
  const auto choose = [&](Run& r, std::uint64_t t) {
    for (std::size_t c = 0; c < r.copies; ++c)
      r.index[c] = static_cast<std::int32_t>(random(static_cast<std::uint32_t>(c), t).a & 1);
  };
  int ends = 0;
  for (std::uint64_t t = 0; t < 120; ++t) {
    choose(a, t);
    choose(b, t);
    a.step(1);
    if (t % 2) {
      b.step(3);
    } else {
      for (int begin : {0, 5, 300}) {
        const int end = begin == 0 ? 5 : begin == 5 ? 300 : 700;
        b.env->step_range(begin, end, Actions<double>::discrete(b.index.data()), b.out());
      }
    }
    REQUIRE(a.obs == b.obs);
    REQUIRE(a.reward == b.reward);
    REQUIRE(a.terminated == b.terminated);
    REQUIRE(a.final_obs == b.final_obs);
    for (auto e : a.terminated) ends += e;
  }
  CHECK(ends > 700);

  d.env->load(a.env->save());
  CHECK(d.env->seed() == 1);
  for (std::uint64_t t = 120; t < 200; ++t) {
    choose(a, t);
    choose(d, t);
    a.step();
    d.step();
    REQUIRE(a.obs == d.obs);
    REQUIRE(a.terminated == d.terminated);
    REQUIRE(a.env->episode_length(699) == d.env->episode_length(699));
  }
  CHECK(a.env->save() == d.env->save());
}

TEST_CASE("a resume keeps what waits to be reset") {
  for (Autoreset m : {Autoreset::next_step, Autoreset::disabled}) {
    Run a("Chain-v0", 1, mode(m)), b("Chain-v0", 1, mode(m));
    a.index[0] = b.index[0] = 1;
    a.step();
    a.step();
    b.env->load(a.env->save());
    a.step();
    b.step();
    CHECK(b.valid[0] == 0);
    CHECK(a.obs == b.obs);
    CHECK(a.terminated == b.terminated);
  }
}

TEST_CASE("seeds, purposes, copies and episodes draw different starts; a reset begins again") {
  EnvOptions evaluate;
  evaluate.purpose = Purpose::evaluate;
  Run a("CartPole-v1", 3), b("CartPole-v1", 3, {}, 2), e("CartPole-v1", 3, evaluate);
  a.env->reset(a.obs.data(), 3);
  b.env->reset(b.obs.data(), 3);
  e.env->reset(e.obs.data(), 3);
  CHECK(a.obs[0] != b.obs[0]);
  CHECK(a.obs[0] != e.obs[0]);
  CHECK(a.obs[0] != a.obs[1]);
  CHECK(a.obs[0] != a.obs[3]);
  const auto first = a.obs;
  const std::uint8_t all[] = {1, 1, 1};
  a.env->reset_where(all, a.obs.data(), 3);
  CHECK(a.obs[0] != first[0]);
  b.env->reset(1, b.obs.data(), 3);
  CHECK(b.obs == first);
}

TEST_CASE("no two starts of any copy or episode share a draw") {
  std::vector<double> seen;
  Run r("CartPole-v1", 5);
  const std::vector<std::uint8_t> all(5, 1);
  for (int episode = 0; episode < 40; ++episode) {
    for (int c = 0; c < 5; ++c)
      for (double s : r.env->get_state(c)) seen.push_back(s);
    r.env->reset_where(all.data(), r.obs.data(), 5);
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("bad input is an Error that says what and the cure, and moves nothing") {
  Run r("CartPole-v1", 2);
  const auto before = r.env->save();
  r.index = {0, 2};
  CHECK(has(message([&] { r.step(); }), "action 2 of copy 1 is not in discrete(2)"));
  r.index = {-1, 0};
  CHECK(has(message([&] { r.step(); }), "action -1 of copy 0"));
  r.index = {0, 0};
  CHECK(has(message([&] { r.env->step(1, Actions<double>::box(r.box.data(), 2), r.out()); }), "discrete"));
  CHECK(has(message([&] { r.env->step_range(1, 3, Actions<double>::discrete(r.index.data()), r.out()); }), "[1, 3)"));
  auto missing = r.out();
  missing.reward = nullptr;
  CHECK(has(message([&] { r.env->step(1, Actions<double>::discrete(r.index.data()), missing); }), "null"));
  auto narrow = r.out();
  narrow.obs_ld = 1;
  CHECK(has(message([&] { r.env->step(1, Actions<double>::discrete(r.index.data()), narrow); }), "ld"));
  CHECK(has(message([&] { r.env->get_state(2); }), "no copy 2"));
  CHECK(has(message([&] { r.env->set_state(0, {1, 2}); }), "4 state values but 2"));
  CHECK(r.env->save() == before);

  Run t("Target-v0", 2);
  t.box = {0, 0, std::numeric_limits<double>::quiet_NaN(), 0};
  CHECK(has(message([&] { t.step(); }), "action feature 1 of copy 0 is NaN"));

  auto saved = before;
  saved.pop_back();
  CHECK(has(message([&] { r.env->load(saved); }), "CartPole-v1: load"));
  saved = before;
  saved[4] = -1;
  CHECK(has(message([&] { r.env->load(saved); }), "counter"));
  saved[4] = std::numeric_limits<double>::quiet_NaN();
  CHECK(has(message([&] { r.env->load(saved); }), "counter"));
  CHECK(r.env->save() == before);

  const Registry registry = Registry::builtin();
  const std::string unknown = message([&] { registry.make<float>("cartpole-v2", 1, 0); });
  CHECK(has(unknown, "did you mean \"CartPole-v"));
  CHECK(has(unknown, "GridWorld-v0"));
  CHECK(has(message([&] { registry.make<float>("Chain-v0", 0, 0); }), "at least one copy"));
  CHECK(has(message([&] { registry.make<float>("Chain-v0", 1, 0, mode(Autoreset::same_step, -2)); }), "max_steps"));
  Registry copy = registry;
  CHECK(has(message([&] { copy.add(registry.spec("Chain-v0"), nullptr, nullptr); }), "taken"));
  CHECK(has(message([] { Space::box({0, 2}, {1, 1}); }), "feature 1"));
  CHECK(has(message([] { autoreset_from("sometimes"); }), "next_step"));
  CHECK(autoreset_from("next_step") == Autoreset::next_step);
}

TEST_CASE("an environment that this build lacks says why and what to do") {
  Registry registry = Registry::builtin();
  registry.add_absent("Boat-v0", "this build has no water", "add some and build again");
  CHECK_FALSE(registry.contains("Boat-v0"));
  CHECK(registry.absent().count("Boat-v0") == 1);
  const std::string words = "Boat-v0: this build has no water; add some and build again";
  CHECK(message([&] { registry.spec("Boat-v0"); }) == words);
  CHECK(message([&] { registry.make<float>("Boat-v0", 1, 0); }) == words);
  CHECK(has(message([&] { registry.add_absent("Boat-v0", "", ""); }), "taken"));
  CHECK(has(message([&] { registry.add_absent("CartPole-v1", "", ""); }), "taken"));
  CHECK(has(message([&] { registry.add_absent("", "", ""); }), "no name"));
}

TEST_CASE("a trace plays from a state to the end and no further") {
  const Registry registry = Registry::builtin();
  const Trace chain = trace(registry, "Chain-v0", {0}, {1, 0, 1, 1, 1, 1});
  REQUIRE(chain.steps.size() == 4);
  CHECK(chain.observed == std::vector<double>{1, 0});
  CHECK(chain.steps[1].observation == std::vector<double>{1, 0});
  CHECK(chain.steps[3].terminated);
  CHECK(chain.steps[3].reward == 1);
  CHECK(chain.steps[3].observation == std::vector<double>{0, 1});

  const Trace limit = trace(registry, "ConstantReward-v0", {}, std::vector<double>(20, 0));
  REQUIRE(limit.steps.size() == 10);
  CHECK(limit.steps.back().truncated);

  const Trace shot = trace(registry, "Target-v0", {0.5, 0.5}, {0.5, 1.5, 3, 3});
  REQUIRE(shot.steps.size() == 1);
  CHECK(shot.steps[0].reward == -1);

  CHECK(trace(registry, "CartPole-v1", {}, {}, 1).start != trace(registry, "CartPole-v1", {}, {}, 2).start);
  CHECK(has(message([&] { trace(registry, "CartPole-v1", {0, 0, 0}, {}); }), "4 state values but 3"));
  CHECK(has(message([&] { trace(registry, "CartPole-v1", {}, {0, 0.5}); }), "action 0.5 of step 2"));
  CHECK(has(message([&] { trace(registry, "Target-v0", {}, {0, 0, 1}); }), "3 action values"));
}
