#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <pigrad/env/cartpole.hpp>
#include <pigrad/env/registry.hpp>

using namespace pigrad;

namespace {

struct Step {
  std::int32_t action;
  bool terminated, truncated;
  double reward;
  std::vector<double> state;
};

struct Episode {
  int version;
  std::vector<double> start;
  std::vector<Step> steps;
};

class Reader {
 public:
  explicit Reader(const std::string& path) : file_(path, std::ios::binary) { REQUIRE(file_.good()); }
  template <class T>
  T next() {
    T value;
    file_.read(reinterpret_cast<char*>(&value), sizeof value);
    REQUIRE(file_.good());
    return value;
  }
  std::vector<double> state() {
    std::vector<double> state(4);
    for (double& s : state) s = next<double>();
    return state;
  }

 private:
  std::ifstream file_;
};

std::vector<Episode> golden() {
  Reader in(PIGRAD_GOLDEN_DIR "/cartpole.bin");
  std::vector<Episode> episodes(in.next<std::uint32_t>());
  for (Episode& e : episodes) {
    e.version = static_cast<int>(in.next<std::uint32_t>());
    e.steps.resize(in.next<std::uint32_t>());
    e.start = in.state();
    for (Step& s : e.steps) {
      s.action = in.next<std::uint8_t>();
      s.terminated = in.next<std::uint8_t>() != 0;
      s.truncated = in.next<std::uint8_t>() != 0;
      s.reward = in.next<std::uint8_t>();
      s.state = in.state();
    }
  }
  return episodes;
}

double error(double value, double reference) {
  return std::abs(value - reference) / std::max(1.0, std::abs(reference));
}

template <class T>
struct Outputs {
  explicit Outputs(int copies)
      : n(static_cast<std::size_t>(copies)), obs(4 * n), reward(n), final_obs(4 * n), terminated(n), truncated(n) {}
  StepBuffers<T> buffers() {
    StepBuffers<T> b;
    b.obs = obs.data();
    b.final_obs = final_obs.data();
    b.obs_ld = b.final_ld = static_cast<std::ptrdiff_t>(n);
    b.reward = reward.data();
    b.terminated = terminated.data();
    b.truncated = truncated.data();
    return b;
  }
  std::size_t n;
  std::vector<T> obs, reward, final_obs;
  std::vector<std::uint8_t> terminated, truncated;
};

}  // namespace

TEST_CASE("each CartPole step from Gymnasium's state is Gymnasium's, ends and limits included") {
  const Registry registry = Registry::builtin();
  int steps = 0, ends = 0, limits = 0, wrong_flags = 0;
  double worst = 0;
  for (const Episode& e : golden()) {
    auto env = registry.make<double>("CartPole-v" + std::to_string(e.version), 1, 0);
    Outputs<double> out(1);
    env->set_state(0, e.start);
    for (const Step& s : e.steps) {
      env->step(1, Actions<double>::discrete(&s.action), out.buffers());
      const bool ended = s.terminated || s.truncated;
      const auto& seen = ended ? out.final_obs : out.obs;
      for (std::size_t f = 0; f < 4; ++f) worst = std::max(worst, error(seen[f], s.state[f]));
      wrong_flags += (out.terminated[0] != 0) != s.terminated || (out.truncated[0] != 0) != s.truncated;
      wrong_flags += out.reward[0] != s.reward;
      ++steps;
      ends += s.terminated;
      limits += s.truncated;
      if (ended) continue;
      auto saved = env->save();
      std::copy(s.state.begin(), s.state.end(), saved.end() - 4);
      env->load(saved);
    }
  }
  CHECK(steps > 5000);
  CHECK(ends > 50);
  CHECK(limits >= 10);
  CHECK(wrong_flags == 0);
  CHECK(worst < 1e-12);
  MESSAGE("largest error over " << steps << " steps: " << worst);
}

TEST_CASE_TEMPLATE("a panel of CartPoles takes the steps that each copy takes alone", T, float, double) {
  std::vector<std::vector<double>> before, after;
  std::vector<std::int32_t> actions;
  for (const Episode& e : golden()) {
    const std::vector<double>* state = &e.start;
    for (const Step& s : e.steps) {
      before.push_back(*state);
      after.push_back(s.state);
      actions.push_back(s.action);
      state = &s.state;
    }
  }
  const int n = static_cast<int>(before.size());
  EnvOptions options;
  options.autoreset = Autoreset::disabled;
  const Registry registry = Registry::builtin();
  auto panel = registry.make<T>("CartPole-v1", n, 0, options);
  for (int c = 0; c < n; ++c) panel->set_state(c, before[static_cast<std::size_t>(c)]);
  Outputs<T> out(n);
  panel->step(1, Actions<T>::discrete(actions.data()), out.buffers());

  int different = 0;
  double worst = 0;
  auto alone = registry.make<T>("CartPole-v1", 1, 0, options);
  for (std::size_t c = 0; c < before.size(); ++c) {
    alone->set_state(0, before[c]);
    Outputs<T> one(1);
    alone->step(1, Actions<T>::discrete(&actions[c]), one.buffers());
    for (std::size_t f = 0; f < 4; ++f) {
      different += std::memcmp(&one.obs[f], &out.obs[f * out.n + c], sizeof(T)) != 0;
      worst = std::max(worst, error(static_cast<double>(one.obs[f]), after[c][f]));
    }
    different += one.terminated[0] != out.terminated[c];
  }
  CHECK(different == 0);
  CHECK(worst < (sizeof(T) == 8 ? 1e-12 : 1e-6));
}

TEST_CASE("CartPole starts within 0.05 and fills the interval") {
  auto env = Registry::builtin().make<double>("CartPole-v1", 4000, 7);
  double least = 1, most = -1, sum = 0;
  for (int c = 0; c < env->copies(); ++c)
    for (double s : env->get_state(c)) {
      least = std::min(least, s);
      most = std::max(most, s);
      sum += s;
    }
  CHECK(least >= -0.05);
  CHECK(least < -0.0499);
  CHECK(most < 0.05);
  CHECK(most > 0.0499);
  CHECK(std::abs(sum / 16000) < 0.001);
}

TEST_CASE_TEMPLATE("sin_cos is right to two units in the last place of 1", T, float, double) {
  const double unit = sizeof(T) == 8 ? 2.3e-16 : 1.2e-7;
  double worst = 0;
  for (double span : {0.3, 2.0, 50.0, 1000.0})
    for (int i = -5000; i <= 5000; ++i) {
      const T x = static_cast<T>(span * i / 5000);
      const auto [s, c] = sin_cos(x);
      worst = std::max(worst, std::abs(static_cast<double>(s) - std::sin(static_cast<double>(x))));
      worst = std::max(worst, std::abs(static_cast<double>(c) - std::cos(static_cast<double>(x))));
    }
  CHECK(worst < 2 * unit);
}
