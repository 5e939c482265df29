// An environment of your own: write its laws as pure functions, register it, check it, step it.
#include <cstdio>
#include <pigrad/env/conformance.hpp>
#include <pigrad/env/registry.hpp>

// A boat drifts on a river; steer it left, not at all or right, and stay off the banks.
struct River {
  template <class T>
  struct State {  // plain, all members T: copies are kept side by side and stepped with SIMD
    T place, drift;
  };
  template <class T>
  struct Params {
    T rudder = T(0.02), friction = T(0.95), bank = T(1);
  };
  static constexpr int observation_size = 2;
  static constexpr int action_size = 0;  // discrete

  template <class T>
  static State<T> reset(const Params<T>&, const pigrad::Draws& draws) {
    return {draws.between(0, T(-0.5), T(0.5)), draws.between(1, T(-0.05), T(0.05))};
  }

  template <class T>
  static pigrad::Outcome<T> step(const Params<T>& p, State<T>& s, std::int32_t action) {
    s.drift = p.friction * s.drift + p.rudder * static_cast<T>(action - 1);
    s.place += s.drift;
    const bool aground = (s.place < -p.bank) | (s.place > p.bank);  // |, not ||: no branch
    return {T(1) - s.place * s.place, aground};
  }

  template <class T>
  static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    obs[0] = s.place;
    obs[stride] = s.drift;
  }
};

int main() {
  pigrad::Spec spec;
  spec.id = "River-v0";
  spec.observation = pigrad::Space::box({-2, -1}, {2, 1});
  spec.action = pigrad::Space::discrete(3);
  spec.max_steps = 100;

  pigrad::Registry registry = pigrad::Registry::builtin();
  registry.add<River>(spec);

  const auto results = pigrad::check_environment<float>(registry, "River-v0");
  std::fputs(pigrad::describe(results).c_str(), stdout);
  if (!pigrad::conforms(results)) return 1;

  constexpr int copies = 8;
  auto env = registry.make<float>("River-v0", copies, /*seed=*/1);
  float obs[2 * copies], reward[copies];
  std::uint8_t terminated[copies], truncated[copies];
  double episode_return[copies];
  std::int32_t action[copies];
  pigrad::StepBuffers<float> out;
  out.obs = obs;
  out.obs_ld = copies;
  out.reward = reward;
  out.terminated = terminated;
  out.truncated = truncated;
  out.episode_return = episode_return;

  env->reset(obs, copies);
  int episodes = 0;
  for (int t = 0; t < 200; ++t) {
    for (int c = 0; c < copies; ++c) action[c] = obs[c] + 10 * obs[copies + c] > 0 ? 0 : 2;
    env->step(/*threads=*/1, pigrad::Actions<float>::discrete(action), out);
    for (int c = 0; c < copies; ++c)
      if (terminated[c] || truncated[c]) {
        std::printf("copy %d %s, return %.3f\n", c, terminated[c] ? "ran aground" : "held out", episode_return[c]);
        ++episodes;
      }
  }
  return episodes == 2 * copies ? 0 : 1;
}
