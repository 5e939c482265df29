#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <pigrad/env/registry.hpp>

#include "env_run.hpp"

using namespace pigrad;

namespace {

struct Step {
  double action;
  bool terminated, truncated;
  double reward;
  std::vector<double> before, after;
};

using Episode = std::vector<Step>;

const std::map<std::string, std::size_t> state_sizes{
    {"CartPoleSwingUp-v0", 4}, {"CartPoleSwingUp-v1", 4},       {"Pendulum-v1", 2},
    {"MountainCar-v0", 2},     {"MountainCarContinuous-v0", 2}, {"Acrobot-v1", 4}};

template <class T>
T next(std::istream& in) {
  T value;
  in.read(reinterpret_cast<char*>(&value), sizeof value);
  REQUIRE(in.good());
  return value;
}

std::vector<double> next_state(std::istream& in, std::size_t size) {
  std::vector<double> state(size);
  for (double& s : state) s = next<double>(in);
  return state;
}

std::map<std::string, std::vector<Episode>> read_golden() {
  std::ifstream in(PIGRAD_GOLDEN_DIR "/classic.bin", std::ios::binary);
  REQUIRE(in.good());
  std::map<std::string, std::vector<Episode>> episodes;
  for (auto left = next<std::uint32_t>(in); left > 0; --left) {
    char name[33] = {};
    in.read(name, 32);
    const std::size_t size = state_sizes.at(name);
    Episode episode(next<std::uint32_t>(in));
    std::vector<double> state = next_state(in, size);
    for (Step& s : episode) {
      s.before = state;
      s.action = next<double>(in);
      const int flags = next<std::uint8_t>(in);
      s.terminated = flags == 1;
      s.truncated = flags == 2;
      s.reward = next<double>(in);
      s.after = state = next_state(in, size);
    }
    episodes[name].push_back(std::move(episode));
  }
  return episodes;
}

const std::map<std::string, std::vector<Episode>>& golden() {
  static const auto episodes = read_golden();
  return episodes;
}

std::vector<double> observation(const std::string& name, const std::vector<double>& s) {
  if (name == "Pendulum-v1") return {std::cos(s[0]), std::sin(s[0]), s[1]};
  if (name == "Acrobot-v1") return {std::cos(s[0]), std::sin(s[0]), std::cos(s[1]), std::sin(s[1]), s[2], s[3]};
  if (name.rfind("CartPoleSwingUp", 0) == 0) return {s[0], s[1], std::cos(s[2]), std::sin(s[2]), s[3]};
  return s;
}

double error(double value, double reference) {
  return std::abs(value - reference) / std::max(1.0, std::abs(reference));
}

void widen(double& worst, const std::vector<double>& values, const std::vector<double>& reference) {
  REQUIRE(values.size() == reference.size());
  for (std::size_t i = 0; i < values.size(); ++i) worst = std::max(worst, error(values[i], reference[i]));
}

}  // namespace

TEST_CASE("each step of each classic task from the original's state is the original's, ends and limits included") {
  struct Count {
    int steps, terminated, truncated;
  };
  const std::map<std::string, Count> least{
      {"CartPoleSwingUp-v0", {1500, 3, 1}}, {"CartPoleSwingUp-v1", {1500, 3, 1}},
      {"Pendulum-v1", {3000, 0, 10}},       {"MountainCar-v0", {3000, 10, 3}},
      {"Acrobot-v1", {2500, 50, 2}},        {"MountainCarContinuous-v0", {3000, 10, 1}},
  };
  for (const auto& task : golden()) {
    const std::string& name = task.first;
    const std::vector<Episode>& episodes = task.second;
    CAPTURE(name);
    Count count{0, 0, 0};
    int wrong_flags = 0, other_bits = 0, far_rewards = 0;
    double worst_state = 0, worst_reward = 0, worst_observation = 0;
    Run r(name, 1);
    for (const Episode& episode : episodes) {
      r.env->set_state(0, episode[0].before);
      for (const Step& s : episode) {
        auto saved = r.env->save();
        std::copy(s.before.begin(), s.before.end(), saved.end() - static_cast<std::ptrdiff_t>(s.before.size()));
        r.env->load(saved);
        r.box[0] = s.action;
        if (r.env->spec().action.is_discrete()) r.index[0] = static_cast<std::int32_t>(s.action);
        r.step();
        const bool ended = s.terminated || s.truncated;
        widen(worst_observation, ended ? r.final_obs : r.obs, observation(name, s.after));
        if (!ended) {
          const auto state = r.env->get_state(0);
          widen(worst_state, state, s.after);
          other_bits += state != s.after;
        }
        worst_reward = std::max(worst_reward, error(r.reward[0], s.reward));
        far_rewards += error(r.reward[0], s.reward) > 1e-12;
        wrong_flags += (r.terminated[0] != 0) != s.terminated || (r.truncated[0] != 0) != s.truncated;
        ++count.steps;
        count.terminated += s.terminated;
        count.truncated += s.truncated;
      }
    }
    CHECK(count.steps >= least.at(name).steps);
    CHECK(count.terminated >= least.at(name).terminated);
    CHECK(count.truncated >= least.at(name).truncated);
    CHECK(wrong_flags == 0);
    CHECK(worst_state < 1e-12);
    CHECK(worst_observation < 1e-12);
    if (name == "Pendulum-v1") {
      // Gymnasium squares a float torque by libm's powf, which is off by one float now and then (7 in 10,000).
      CHECK(worst_reward < 1e-10);
      CHECK(far_rewards < count.steps / 200);
    } else {
      CHECK(worst_reward < 1e-12);
    }
    if (name == "MountainCarContinuous-v0") CHECK(other_bits == 0);
    MESSAGE(name << ": " << count.steps << " steps, " << count.terminated << " terminated, " << count.truncated
                 << " truncated; largest error of state " << worst_state << ", reward " << worst_reward
                 << ", observation " << worst_observation << "; " << other_bits << " states with other bits");
  }
}

TEST_CASE_TEMPLATE("a panel of any classic task takes the steps that each copy takes alone", T, float, double) {
  const Registry registry = Registry::builtin();
  for (const auto& task : golden()) {
    const std::string& name = task.first;
    CAPTURE(name);
    std::vector<const Step*> steps;
    for (const Episode& episode : task.second)
      for (const Step& s : episode) steps.push_back(&s);
    const int n = static_cast<int>(steps.size());
    const auto panel = registry.make<T>(name, n, 0, mode(Autoreset::disabled));
    const auto alone = registry.make<T>(name, 1, 0, mode(Autoreset::disabled));
    const auto features = static_cast<std::size_t>(panel->observation_size()), copies = steps.size();
    std::vector<T> box(copies), obs(features * copies), reward(copies), one_obs(features);
    std::vector<std::int32_t> index(copies);
    std::vector<std::uint8_t> terminated(copies), truncated(copies);
    for (std::size_t c = 0; c < copies; ++c) {
      panel->set_state(static_cast<int>(c), steps[c]->before);
      box[c] = static_cast<T>(steps[c]->action);
      if (panel->spec().action.is_discrete()) index[c] = static_cast<std::int32_t>(steps[c]->action);
    }
    const auto act = [&](std::size_t c, int count) {
      return panel->spec().action.is_discrete() ? Actions<T>::discrete(index.data() + c)
                                                : Actions<T>::box(box.data() + c, count);
    };
    StepBuffers<T> out;
    out.obs = obs.data();
    out.obs_ld = n;
    out.reward = reward.data();
    out.terminated = terminated.data();
    out.truncated = truncated.data();
    panel->step(1, act(0, n), out);

    int different = 0, far = 0;
    for (std::size_t c = 0; c < copies; ++c) {
      alone->set_state(0, steps[c]->before);
      T one_reward;
      std::uint8_t one_terminated, one_truncated;
      StepBuffers<T> one;
      one.obs = one_obs.data();
      one.obs_ld = 1;
      one.reward = &one_reward;
      one.terminated = &one_terminated;
      one.truncated = &one_truncated;
      alone->step(1, act(c, 1), one);
      const auto expected = observation(name, steps[c]->after);
      for (std::size_t f = 0; f < features; ++f) {
        different += std::memcmp(&one_obs[f], &obs[f * copies + c], sizeof(T)) != 0;
        far += error(static_cast<double>(one_obs[f]), expected[f]) > (sizeof(T) == 8 ? 1e-12 : 1e-4);
      }
      different += std::memcmp(&one_reward, &reward[c], sizeof(T)) != 0;
      different += one_terminated != terminated[c];
    }
    CHECK(different == 0);
    CHECK(far == 0);
  }
}
