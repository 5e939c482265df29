#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>

#include "env_run.hpp"

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

TEST_CASE("a step allocates nothing, ends and resets included") {
  for (Autoreset m : {Autoreset::same_step, Autoreset::next_step, Autoreset::disabled})
    for (const char* name : {"CartPole-v1", "Target-v0", "ConstantReward-v0"}) {
      Run r(name, 300, mode(m));
      const int before = allocations;
      for (int t = 0; t < 40; ++t) r.step();
      CHECK(allocations == before);
    }
}
