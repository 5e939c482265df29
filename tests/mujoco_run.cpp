#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <pigrad/core/error.hpp>
#include <pigrad/env/conformance.hpp>
#include <pigrad/env/trace.hpp>
#include <pigrad/mujoco/environments.hpp>
#include <pigrad/mujoco/inverted_double_pendulum.hpp>
#include <pigrad/mujoco/inverted_pendulum.hpp>
#include <pigrad/mujoco/simulation.hpp>
#include <thread>

using namespace pigrad;

namespace {

const char* const names[] = {"InvertedPendulum-v4", "InvertedDoublePendulum-v4"};

Registry registry() {
  Registry registry = Registry::builtin();
  add_mujoco(registry);
  return registry;
}

template <class T>
struct Run {
  Run(const std::string& name, int n, EnvOptions options = {}, std::uint64_t seed = 1)
      : env(registry().make<T>(name, n, seed, options)),
        copies(static_cast<std::size_t>(n)),
        obs(static_cast<std::size_t>(env->observation_size()) * copies),
        final_obs(obs.size(), T(-7)),
        reward(copies),
        action(copies),
        terminated(copies),
        truncated(copies) {
    env->observe(obs.data(), n);
  }
  StepBuffers<T> out() {
    StepBuffers<T> out;
    out.obs = obs.data();
    out.final_obs = final_obs.data();
    out.obs_ld = out.final_ld = static_cast<std::ptrdiff_t>(copies);
    out.reward = reward.data();
    out.terminated = terminated.data();
    out.truncated = truncated.data();
    return out;
  }
  // Hard pushes one way for some steps, then the other: carts reach the limits of their slides.
  void choose(std::uint64_t t) {
    const Random random(5, Purpose::test);
    for (std::size_t c = 0; c < copies; ++c)
      action[c] = (random(static_cast<std::uint32_t>(c), t / 5).a & 1 ? T(4) : T(-4)) *
                  random.uniform<T>(static_cast<std::uint32_t>(c), t);
  }
  Actions<T> actions() const { return Actions<T>::box(action.data(), static_cast<std::ptrdiff_t>(copies)); }
  void step(int threads = 1) { env->step(threads, actions(), out()); }

  std::unique_ptr<VectorEnv<T>> env;
  std::size_t copies;
  std::vector<T> obs, final_obs, reward, action;
  std::vector<std::uint8_t> terminated, truncated;
};

EnvOptions mode(Autoreset autoreset) {
  EnvOptions options;
  options.autoreset = autoreset;
  return options;
}

}  // namespace

TEST_CASE("the tasks conform, and in float each shows what it shows in double, rounded") {
  for (const char* name : names) {
    const auto results = check_environment<double>(registry(), name);
    CHECK(results.size() == 14);
    CHECK_MESSAGE(conforms(results), name << "\n" << describe(results));

    Run<float> narrow(name, 20);
    Run<double> wide(name, 20);
    int different = 0;
    for (std::uint64_t t = 0; t < 60; ++t) {
      narrow.choose(t);
      for (std::size_t c = 0; c < wide.copies; ++c) wide.action[c] = static_cast<double>(narrow.action[c]);
      narrow.step();
      wide.step();
      for (std::size_t i = 0; i < wide.obs.size(); ++i) different += narrow.obs[i] != static_cast<float>(wide.obs[i]);
      for (std::size_t c = 0; c < wide.copies; ++c) {
        different += narrow.reward[c] != static_cast<float>(wide.reward[c]);
        different += narrow.terminated[c] != wide.terminated[c];
      }
    }
    CHECK(different == 0);
  }
}

TEST_CASE("threads, ranges and a resume in the middle of a press against the limit change no bit") {
  for (const char* name : names) {
    Run<double> a(name, 7, mode(Autoreset::disabled)), b(name, 7, mode(Autoreset::disabled));
    std::unique_ptr<Run<double>> resumed;
    const auto nq = static_cast<std::size_t>(a.env->state_size() - 1) / 4;
    int pressed = 0;
    for (std::uint64_t t = 0; t < 60; ++t) {
      if (t % 10 == 0) {
        // Carts on their way into the limit, so that the state holds more than positions and velocities.
        for (int c = 0; c < 7; ++c) {
          std::vector<double> state = a.env->get_state(c);
          std::fill(state.begin(), state.end(), 0);
          state[0] = 0.9;
          state[nq] = 2 + 0.1 * c;
          a.env->set_state(c, state);
          b.env->set_state(c, state);
          if (resumed) resumed->env->set_state(c, state);
        }
      }
      if (t % 7 == 2) {
        resumed = std::make_unique<Run<double>>(name, 7, mode(Autoreset::disabled), 9);
        resumed->choose(t + 1);
        resumed->step();
        resumed->env->load(a.env->save());
        REQUIRE(resumed->env->save() == a.env->save());
      }
      a.choose(t);
      b.choose(t);
      a.step(1);
      if (t % 2) {
        b.step(3);
      } else {
        for (int begin : {0, 1, 4}) {
          const int end = begin == 0 ? 1 : begin == 1 ? 4 : 7;
          b.env->step_range(begin, end, b.actions(), b.out());
        }
      }
      REQUIRE(a.env->save() == b.env->save());
      REQUIRE(a.obs == b.obs);
      REQUIRE(a.reward == b.reward);
      for (int c = 0; c < 7; ++c) pressed += a.env->get_state(c)[3 * nq] != 0;
      if (!resumed) continue;
      resumed->choose(t);
      resumed->step();
      REQUIRE(resumed->env->save() == a.env->save());
      REQUIRE(resumed->obs == a.obs);
    }
    CHECK(pressed > 20);
  }
}

TEST_CASE("a start depends on seed, copy and episode only") {
  for (const char* name : names) {
    Run<double> a(name, 2), b(name, 2);
    for (std::uint64_t t = 0; t < 20; ++t) {
      a.choose(t);
      a.step();
    }
    std::vector<double> state = a.env->get_state(0);
    std::fill(state.begin(), state.end(), 0.3);
    a.env->set_state(0, state);
    a.step();
    a.env->reset(a.obs.data(), 2);
    CHECK(a.env->save() == b.env->save());
    a.choose(30);
    b.choose(30);
    a.step();
    b.step();
    CHECK(a.env->save() == b.env->save());
  }
}

TEST_CASE("starts fill their intervals") {
  Run<double> one("InvertedPendulum-v4", 1500), two("InvertedDoublePendulum-v4", 1500);
  double most = 0, sum = 0, places = 0, paces = 0, pace_sum = 0;
  for (int c = 0; c < 1500; ++c) {
    const auto s = one.env->get_state(c), d = two.env->get_state(c);
    for (std::size_t i = 0; i < 4; ++i) {
      most = std::max(most, std::abs(s[i]));
      sum += s[i];
    }
    for (std::size_t i = 0; i < 3; ++i) places = std::max(places, std::abs(d[i]));
    for (std::size_t i = 3; i < 6; ++i) {
      paces += d[i] * d[i];
      pace_sum += d[i];
    }
  }
  CHECK(most <= 0.01);
  CHECK(most > 0.00999);
  CHECK(std::abs(sum / 6000) < 4 * 0.01 / std::sqrt(3.0 * 6000));
  CHECK(places <= 0.1);
  CHECK(places > 0.0999);
  CHECK(std::abs(pace_sum / 4500) < 4 * 0.1 / std::sqrt(4500.0));
  CHECK(std::abs(paces / 4500 / 0.01 - 1) < 4 * std::sqrt(2 / 4500.0));
}

TEST_CASE("a state begins with positions, then velocities, and v4's ends and rewards hold") {
  const Trace lean = trace(registry(), "InvertedPendulum-v4", {0.1, 0.19, 0.2, 1.5, 0, 0, 0, 0, 0}, {0.5, 0.5});
  CHECK(lean.observed == std::vector<double>{0.1, 0.19, 0.2, 1.5});
  REQUIRE(lean.steps.size() == 1);
  CHECK(lean.steps[0].terminated);
  CHECK(lean.steps[0].reward == 1);
  CHECK(lean.steps[0].observation[1] > 0.2);

  std::vector<double> state(13, 0.0);
  const Trace upright = trace(registry(), "InvertedDoublePendulum-v4", state, {0});
  CHECK(upright.steps[0].reward == doctest::Approx(10 - 0.64).epsilon(1e-9));
  CHECK_FALSE(upright.steps[0].terminated);
  state[1] = 1.2;  // 0.6 cos 1.2 + 0.6 cos 1.2 < 1
  const Trace fallen = trace(registry(), "InvertedDoublePendulum-v4", state, {0});
  CHECK(fallen.steps[0].terminated);
  state[1] = state[2] = 0;
  state[9] = -25;
  CHECK(trace(registry(), "InvertedDoublePendulum-v4", state, {}).observed[8] == -10);
}

TEST_CASE("a state that MuJoCo would throw away ends the episode, and the next one is sound") {
  // MuJoCo notes in MUJOCO_LOG.TXT, where the process is, that the last one's acceleration is beyond bounds.
  const auto before = std::filesystem::current_path();
  const auto folder = std::filesystem::temp_directory_path() / ("pigrad-mujoco-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  std::filesystem::current_path(folder);
  for (double broken : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 2e10, 1e8}) {
    Run<double> run("InvertedPendulum-v4", 2);
    std::vector<double> state(9, 0.0);
    state[2] = state[3] = broken;
    run.env->set_state(0, state);
    run.step();
    CHECK(run.terminated[0] == 1);
    CHECK(run.terminated[1] == 0);
    run.step();
    for (const double v : run.obs) CHECK(std::abs(v) < 10);
  }
  std::filesystem::current_path(before);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a model that MuJoCo refuses is an Error with its words, from any thread") {
  try {
    MujocoModel("Broken-v0", "<mujoco><worldbody><geom size='0'/></worldbody></mujoco>");
    FAIL("nothing was thrown");
  } catch (const Error& e) {
    CHECK(std::string(e.what()).find("Broken-v0: MuJoCo refuses the model") == 0);
    CHECK(std::string(e.what()).find('\n') == std::string::npos);
  }
  int sound[4] = {};
  std::vector<std::thread> threads;
  for (int& count : sound)
    threads.emplace_back([&count] {
      for (int k = 0; k < 10; ++k)
        count += MujocoModel("InvertedPendulum-v4", InvertedPendulum::model()).positions() == 2 &&
                 MujocoModel("InvertedDoublePendulum-v4", InvertedDoublePendulum::model()).velocities() == 3;
    });
  for (std::thread& thread : threads) thread.join();
  for (int count : sound) CHECK(count == 10);
}
