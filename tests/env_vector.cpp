#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <new>
#include <pigrad/core/error.hpp>
#include <pigrad/env/registry.hpp>
#include <pigrad/env/trace.hpp>

using namespace pigrad;

namespace {

std::atomic<int> allocations{0};

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

struct Run {
  Run(const std::string& name, int n, EnvOptions options = {}, std::uint64_t seed = 1)
      : env(Registry::builtin().make<double>(name, n, seed, options)),
        copies(static_cast<std::size_t>(n)),
        obs(static_cast<std::size_t>(env->observation_size()) * copies),
        final_obs(obs.size(), -7),
        reward(copies),
        box(static_cast<std::size_t>(env->spec().action.size()) * copies),
        index(copies),
        terminated(copies),
        truncated(copies),
        valid(copies),
        episode_return(copies, -7),
        episode_length(copies, -7) {}
  StepBuffers<double> out() {
    const auto ld = static_cast<std::ptrdiff_t>(copies);
    return {obs.data(),       ld, reward.data(), terminated.data(),     truncated.data(),
            final_obs.data(), ld, valid.data(),  episode_return.data(), episode_length.data()};
  }
  void step(int threads = 1) {
    const bool discrete = env->spec().action.is_discrete();
    env->step(threads,
              discrete ? Actions<double>::discrete(index.data())
                       : Actions<double>::box(box.data(), static_cast<std::ptrdiff_t>(copies)),
              out());
  }
  std::unique_ptr<VectorEnv<double>> env;
  std::size_t copies;
  std::vector<double> obs, final_obs, reward, box;
  std::vector<std::int32_t> index;
  std::vector<std::uint8_t> terminated, truncated, valid;
  std::vector<double> episode_return;
  std::vector<std::int32_t> episode_length;
};

EnvOptions mode(Autoreset autoreset, int max_steps = -1) {
  EnvOptions options;
  options.autoreset = autoreset;
  options.max_steps = max_steps;
  return options;
}

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("same_step: the chain ends after two steps and shows the new start and the old end") {
  Run r("Chain-v0", 1, mode(Autoreset::same_step));
  r.index[0] = 1;
  for (int episode = 0; episode < 3; ++episode) {
    r.step();
    CHECK(r.obs == std::vector<double>{0, 1});
    CHECK(r.terminated[0] == 0);
    CHECK(r.reward[0] == 0);
    CHECK(r.env->episode_length(0) == 1);
    r.step();
    CHECK(r.terminated[0] == 1);
    CHECK(r.truncated[0] == 0);
    CHECK(r.reward[0] == 1);
    CHECK(r.valid[0] == 1);
    CHECK(r.obs == std::vector<double>{1, 0});
    CHECK(r.final_obs == std::vector<double>{0, 1});
    CHECK(r.episode_return[0] == 1);
    CHECK(r.episode_length[0] == 2);
    CHECK(r.env->episode_length(0) == 0);
    CHECK(r.env->episode(0) == static_cast<std::uint64_t>(episode) + 1);
  }
}

TEST_CASE("next_step: the step after an end resets, whatever the action, and is masked") {
  Run r("Chain-v0", 1, mode(Autoreset::next_step));
  r.index[0] = 1;
  r.step();
  r.step();
  CHECK(r.terminated[0] == 1);
  CHECK(r.obs == std::vector<double>{0, 1});
  CHECK(r.valid[0] == 1);
  r.index[0] = 77;
  r.step();
  CHECK(r.valid[0] == 0);
  CHECK(r.reward[0] == 0);
  CHECK(r.terminated[0] + r.truncated[0] == 0);
  CHECK(r.obs == std::vector<double>{1, 0});
  CHECK(r.env->episode_length(0) == 0);
  r.index[0] = 1;
  r.step();
  CHECK(r.valid[0] == 1);
  CHECK(r.obs == std::vector<double>{0, 1});
}

TEST_CASE("disabled: an ended copy stands still until it is chosen") {
  Run r("Chain-v0", 2, mode(Autoreset::disabled, 3));
  r.index = {1, 0};
  r.step();
  r.step();
  CHECK(r.terminated == std::vector<std::uint8_t>{1, 0});
  r.step();
  CHECK(r.valid == std::vector<std::uint8_t>{0, 1});
  CHECK(r.reward == std::vector<double>{0, 0});
  CHECK(r.terminated == std::vector<std::uint8_t>{1, 0});
  CHECK(r.truncated == std::vector<std::uint8_t>{0, 1});
  CHECK(r.obs == std::vector<double>{0, 1, 1, 0});
  const std::uint8_t chosen[] = {1, 0};
  r.env->reset_where(chosen, r.obs.data(), 2);
  CHECK(r.obs == std::vector<double>{1, 1, 0, 0});
  r.step();
  CHECK(r.valid == std::vector<std::uint8_t>{1, 0});
  CHECK(r.truncated == std::vector<std::uint8_t>{0, 1});
  CHECK(r.env->episode(0) == 1);
  CHECK(r.env->episode(1) == 0);
}

TEST_CASE("reward 1 for ever is truncated at the limit, never terminated") {
  for (Autoreset m : {Autoreset::same_step, Autoreset::next_step}) {
    Run r("ConstantReward-v0", 3, mode(m));
    const int period = m == Autoreset::same_step ? 10 : 11;
    for (int t = 1; t <= 4 * period; ++t) {
      r.step();
      const bool end = t % period == (m == Autoreset::same_step ? 0 : 10);
      for (std::size_t c = 0; c < 3; ++c) {
        CHECK(r.terminated[c] == 0);
        CHECK(r.truncated[c] == end);
      }
      if (end) CHECK(r.episode_return[2] == 10);
    }
  }
}

TEST_CASE("an end on the limit's own step is terminated and not truncated") {
  Run r("Chain-v0", 1, mode(Autoreset::same_step, 2));
  r.index[0] = 1;
  r.step();
  r.step();
  CHECK(r.terminated[0] == 1);
  CHECK(r.truncated[0] == 0);
  r.index[0] = 0;
  r.step();
  r.step();
  CHECK(r.terminated[0] == 0);
  CHECK(r.truncated[0] == 1);
}

TEST_CASE("without a limit nothing is truncated") {
  Run r("ConstantReward-v0", 2, mode(Autoreset::same_step, 0));
  int ends = 0;
  for (int t = 0; t < 3000; ++t) {
    r.step();
    ends += r.truncated[0] + r.terminated[0];
  }
  CHECK(ends == 0);
  CHECK(r.env->episode_return(1) == 3000);
}

TEST_CASE("final_obs and episode outputs are written where an episode ended, and nowhere else") {
  Run r("Chain-v0", 2);
  r.index = {1, 0};
  r.step();
  r.step();
  CHECK(r.final_obs == std::vector<double>{0, -7, 1, -7});
  CHECK(r.episode_return == std::vector<double>{1, -7});
  CHECK(r.episode_length == std::vector<std::int32_t>{2, -7});
}

TEST_CASE("the optional outputs may be missing, and a panel may be a slice of a larger one") {
  auto env = Registry::builtin().make<double>("Chain-v0", 2, 1);
  std::vector<double> obs(2 * 10, -7), reward(2);
  std::uint8_t terminated[2], truncated[2];
  StepBuffers<double> out;
  out.obs = obs.data() + 4;
  out.obs_ld = 10;
  out.reward = reward.data();
  out.terminated = terminated;
  out.truncated = truncated;
  const std::int32_t actions[] = {1, 0};
  for (int t = 0; t < 3; ++t) env->step(1, Actions<double>::discrete(actions), out);
  const std::vector<double> expected = {-7, -7, -7, -7, 0, 1, -7, -7, -7, -7, -7, -7, -7, -7, 1, 0, -7, -7, -7, -7};
  CHECK(obs == expected);
}

TEST_CASE("bandit, grid world and target pay what their pages say") {
  Run bandit("Bandit-v0", 4);
  bandit.index = {0, 1, 2, 3};
  bandit.step();
  CHECK(bandit.reward == std::vector<double>{0, 0.25, 0.5, 1});
  CHECK(bandit.terminated == std::vector<std::uint8_t>{1, 1, 1, 1});

  Run grid("GridWorld-v0", 15);
  for (int c = 0; c < 15; ++c) grid.env->set_state(c, {static_cast<double>(c / 4), static_cast<double>(c % 4)});
  for (int t = 1; t <= 6; ++t) {
    for (std::size_t c = 0; c < 15; ++c) grid.index[c] = grid.env->get_state(static_cast<int>(c))[1] < 3 ? 1 : 2;
    grid.step();
    for (int c = 0; c < 15; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const int to_go = (3 - c / 4) + (3 - c % 4);
      if (t > to_go) continue;
      CHECK(grid.terminated[i] == (t == to_go));
      CHECK(grid.reward[i] == (t == to_go ? 1 : 0));
      if (t == to_go) CHECK(grid.final_obs[15 * 15 + i] == 1);
    }
  }
  grid.env->set_state(0, {0, 0});
  for (std::int32_t into_wall : {0, 3}) {
    grid.index[0] = into_wall;
    grid.step();
    CHECK(grid.env->get_state(0) == std::vector<double>{0, 0});
  }

  Run target("Target-v0", 2);
  target.env->set_state(0, {0.5, -0.25});
  target.env->set_state(1, {1, -1});
  target.box = {0.25, 50, 0, -50};
  const auto before = target.box;
  target.step();
  CHECK(target.reward[0] == -(0.0625 + 0.0625));
  CHECK(target.reward[1] == -(1.0 + 1.0));
  CHECK(target.box == before);
}

TEST_CASE("grid world starts in every cell but the goal, alike in float and double") {
  auto in_double = Registry::builtin().make<double>("GridWorld-v0", 3000, 5);
  auto in_float = Registry::builtin().make<float>("GridWorld-v0", 3000, 5);
  std::vector<int> count(16);
  for (int c = 0; c < 3000; ++c) {
    const auto s = in_double->get_state(c);
    CHECK(s == in_float->get_state(c));
    ++count[static_cast<std::size_t>(4 * s[0] + s[1])];
  }
  for (std::size_t k = 0; k < 15; ++k) CHECK(std::abs(count[k] - 200) < 70);
  CHECK(count[15] == 0);
}

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

TEST_CASE("a step allocates nothing, ends and resets included") {
  for (Autoreset m : {Autoreset::same_step, Autoreset::next_step, Autoreset::disabled})
    for (const char* name : {"CartPole-v1", "Target-v0", "ConstantReward-v0"}) {
      Run r(name, 300, mode(m));
      const int before = allocations;
      for (int t = 0; t < 40; ++t) r.step();
      CHECK(allocations == before);
    }
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
  CHECK(has(unknown, "did you mean CartPole-v"));
  CHECK(has(unknown, "GridWorld-v0"));
  CHECK(has(message([&] { registry.make<float>("Chain-v0", 0, 0); }), "at least one copy"));
  CHECK(has(message([&] { registry.make<float>("Chain-v0", 1, 0, mode(Autoreset::same_step, -2)); }), "max_steps"));
  Registry copy = registry;
  CHECK(has(message([&] { copy.add(registry.spec("Chain-v0"), nullptr, nullptr); }), "taken"));
  CHECK(has(message([] { Space::box({0, 2}, {1, 1}); }), "feature 1"));
  CHECK(has(message([] { autoreset_from("sometimes"); }), "next_step"));
  CHECK(autoreset_from("next_step") == Autoreset::next_step);
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
  CHECK(has(message([&] { trace(registry, "CartPole-v1", {}, {0, 0.5}); }), "of step 1"));
  CHECK(has(message([&] { trace(registry, "Target-v0", {}, {0, 0, 1}); }), "3 action values"));
}
