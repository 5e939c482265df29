#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <pigrad/core/error.hpp>
#include <pigrad/env/registry.hpp>
#include <random>
#ifdef PIGRAD_PEERS_MUJOCO
#include <pigrad/mujoco/environments.hpp>
#endif

// random_steps FILE ENVIRONMENT STEPS SEED: random steps of an environment in double, each from the state that it
// shows: tests/peers/against_gymnasium.py takes them in Gymnasium. Doubles, a row a step: step of the episode, state
// before [n], action, reward, terminated, truncated, state after [n], observation after. Ends with status 77 for
// an environment that this build lacks.

namespace {

using namespace pigrad;

constexpr int copies = 16;  // the first eight run to their ends; the others are moved elsewhere now and then

struct Rule {
  std::string name;
  std::vector<double> widest;  ///< states are put anywhere up to here; what follows in a state is 0
  double most;                 ///< of a box action, beyond its bounds; 0: choices
};

const std::vector<Rule> rules = {
    {"CartPole-v1", {2.6, 3, 0.25, 3}, 0},
    {"Pendulum-v1", {9, 8}, 3},
    {"MountainCar-v0", {1.2, 0.07}, 0},
    {"MountainCarContinuous-v0", {1.2, 0.07}, 1.5},
    {"Acrobot-v1", {3.14, 3.14, 12, 28}, 0},
    {"InvertedPendulum-v4", {1, 0.2, 2, 4}, 4},
    {"InvertedDoublePendulum-v4", {1, 0.5, 0.5, 2, 4, 4}, 1.4},
};

const Rule& rule_of(const std::string& name) {
  for (const Rule& rule : rules)
    if (rule.name == name) return rule;
  throw Error("random_steps", "there is no rule for " + name, "add one to the list");
}

Registry environments() {
  Registry all = Registry::builtin();
#ifdef PIGRAD_PEERS_MUJOCO
  add_mujoco(all);
#endif
  return all;
}

void run(std::ofstream& file, const Rule& rule, long steps, unsigned seed) {
  std::mt19937_64 random(seed);
  const auto real = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
  EnvOptions options;
  options.autoreset = Autoreset::disabled;
  const auto env = environments().make<double>(rule.name, copies, seed, options);
  const Spec& spec = env->spec();
  const auto features = static_cast<std::size_t>(spec.observation.size());
  std::vector<double> obs(features * copies), reward(copies), panel(copies);
  std::vector<std::uint8_t> terminated(copies), truncated(copies);
  std::vector<std::int32_t> index(copies), length(copies);
  env->reset(obs.data(), copies);
  StepBuffers<double> out;
  out.obs = obs.data(), out.obs_ld = copies, out.reward = reward.data();
  out.terminated = terminated.data(), out.truncated = truncated.data();
  for (long done = 0; done < steps; done += copies) {
    std::vector<std::vector<double>> before;
    for (int c = 0; c < copies; ++c) {
      const auto i = static_cast<std::size_t>(c);
      if (c >= copies / 2 && random() % 32 == 0) {
        std::vector<double> state;
        for (const double most : rule.widest) state.push_back(real(-most, most));
        state.resize(static_cast<std::size_t>(env->state_size()));
        env->set_state(c, state);
        length[i] = 0;
      }
      before.push_back(env->get_state(c));
      if (rule.most > 0)
        panel[i] = real(-rule.most, rule.most);
      else
        index[i] = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(spec.action.n));
      // Pushed under its pole a cart lives to the time limit.
      if (c < 2 && rule.name == "CartPole-v1") index[i] = before.back()[2] + before.back()[3] > 0 ? 1 : 0;
    }
    env->step(1, rule.most > 0 ? Actions<double>::box(panel.data(), copies) : Actions<double>::discrete(index.data()),
              out);
    std::vector<std::uint8_t> ended(copies);
    for (int c = 0; c < copies; ++c) {
      const auto i = static_cast<std::size_t>(c);
      std::vector<double> row = {static_cast<double>(++length[i])};
      row.insert(row.end(), before[i].begin(), before[i].end());
      row.push_back(rule.most > 0 ? panel[i] : index[i]);
      row.insert(row.end(), {reward[i], static_cast<double>(terminated[i]), static_cast<double>(truncated[i])});
      const std::vector<double> after = env->get_state(c);
      row.insert(row.end(), after.begin(), after.end());
      for (std::size_t f = 0; f < features; ++f) row.push_back(obs[f * copies + i]);
      file.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(double)));
      ended[i] = terminated[i] | truncated[i];
      if (ended[i]) length[i] = 0;
    }
    env->reset_where(ended.data(), obs.data(), copies);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 5) return std::fprintf(stderr, "random_steps FILE ENVIRONMENT STEPS SEED\n"), 2;
  try {
    if (!environments().contains(words[2])) return 77;
    std::ofstream file(words[1], std::ios::binary);
    run(file, rule_of(words[2]), std::atol(words[3]), static_cast<unsigned>(std::atol(words[4])));
    return file.good() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "random_steps: %s\n", error.what());
    return 1;
  }
}
