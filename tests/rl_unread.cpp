#include <doctest/doctest.h>

#include <map>
#include <pigrad/rl/algorithm.hpp>
#include <pigrad/rl/unread.hpp>
#include <set>

using namespace pigrad;

namespace {

/// Parameters and what was learnt from after a few epochs; empty where the settings are refused.
std::vector<double> learnt(const TrainSettings& settings) {
  try {
    const auto algorithm = make_algorithm(settings, Registry::builtin());
    std::vector<double> all;
    for (int epoch = 0; epoch < 4; ++epoch) algorithm->epoch(1);
    State state;
    algorithm->save(state);
    for (const Segment& s : algorithm->layout().segments()) {
      const auto values = state.reals<double>(s.name, s.size());
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  } catch (const Error&) {
    return {};
  }
}

/// A few others that a setting could have.
std::vector<std::string> others(const Field& field) {
  std::vector<std::string> all;
  for (const std::string& choice : field.choices)
    if (choice != field.text()) all.push_back(choice);
  return all;
}

std::string default_text(std::size_t i) {
  TrainSettings untouched;
  return fields_of(untouched)[i].text();
}

template <class Check>
void for_each_other(const TrainSettings& base, Check check) {
  TrainSettings settings = base;
  const std::size_t count = fields_of(settings).size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string unchanged = fields_of(settings)[i].text();
    const auto tell = [&](auto change) {
      settings = base;
      Field field = fields_of(settings)[i];
      change(field);
      if (field.text() != unchanged && field.text() != default_text(i)) check(field, settings);
    };
    const Field field = fields_of(settings)[i];
    for (const std::string& other : others(field)) tell([&](Field& f) { *std::get<std::string*>(f.value) = other; });
    if (std::holds_alternative<bool*>(field.value))
      tell([](Field& f) { *std::get<bool*>(f.value) = !*std::get<bool*>(f.value); });
    if (std::holds_alternative<int*>(field.value)) {
      tell([](Field& f) { *std::get<int*>(f.value) += 1; });
      tell([](Field& f) { *std::get<int*>(f.value) *= 2; });
    }
    if (std::holds_alternative<double*>(field.value)) {
      tell([](Field& f) { *std::get<double*>(f.value) *= 0.5; });
      tell([](Field& f) { *std::get<double*>(f.value) += 0.01; });
    }
    if (std::holds_alternative<std::vector<int>*>(field.value))
      tell([](Field& f) { *std::get<std::vector<int>*>(f.value) = {3}; });
    if (field.key.find("initial_") != std::string::npos && std::holds_alternative<std::string*>(field.value))
      tell([](Field& f) { *std::get<std::string*>(f.value) = "constant:0.1"; });
    if (field.key.find("schedule") != std::string::npos)
      tell([](Field& f) { *std::get<std::string*>(f.value) = "linear"; });
  }
}

TrainSettings small(const std::string& algorithm) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.environment = "CartPole-v1";
  s.scalar = "float64";
  s.epochs = 4;
  s.copies = 2;
  s.steps = 48;
  s.minibatch = algorithm == "a2c-joint" ? 0 : 32;
  s.policy.network.hidden = {4};
  s.critic.network.hidden = {4};
  s.policy.entropy_bonus = 0.01;
  s.advantage.epsilon = 1e-8;
  s.ppo.passes = 2;
  if (algorithm != "reinforce") return s;
  s.advantage.estimator = "return_to_go";
  s.advantage.baseline = false;
  s.boundary.truncation = "terminate";
  s.boundary.edge = "last_reward";
  return s;
}

/// Every other setting at a time, and the same from starts that make other choices.
std::vector<TrainSettings> starts(const std::string& algorithm) {
  std::vector<TrainSettings> all;
  const bool joint = algorithm == "ppo" || algorithm == "a2c-joint", with_critic = algorithm != "reinforce";
  const auto with = [&](auto change) {
    TrainSettings s = small(algorithm);
    change(s);
    all.push_back(s);
  };
  with([](TrainSettings&) {});
  with([&](TrainSettings& s) {
    s.policy.optimiser.name = "rmsprop";
    s.policy.optimiser.max_grad_norm = 0.01;
    if (algorithm != "a2c-joint") s.critic.optimiser = s.policy.optimiser;
    s.observation.normalise = s.reward.scale = true;
    s.observation.clip = 0.7;
    s.ppo.optimisers = "separate";
    s.ppo.value_clip = 0.001;
    s.ppo.clip = 0.001;
    s.natural.max_kl = 2;  // so long a step that trpo's line search fails at first
    s.natural.damping = 1e-4;
    s.natural.backtracks = 2;
    s.natural.shrink = 0.5;
    s.reward.clip = 0.5;
  });
  with([&](TrainSettings& s) {
    s.policy.optimiser.name = "sgd";
    s.policy.optimiser.learning_rate = 0.1;
    if (!joint) s.critic.optimiser = s.policy.optimiser;
    s.advantage.normalise = false;
    s.environment = "ConstantReward-v0";
    s.critic.network.hidden.clear();
  });
  with([&](TrainSettings& s) {
    s.environment = "Pendulum-v1";
    s.policy.distribution.name = "gaussian";
    if (with_critic) s.advantage.estimator = "n_step";
    if (!joint) s.critic.target = "n_step";
    s.critic.kind = "linear";
  });
  with([&](TrainSettings& s) {
    s.whole_episodes = true;
    s.episodes = 3;
    s.policy.network.hidden.clear();
    if (with_critic) s.advantage.estimator = "return_to_go";
    if (joint) s.critic.kind = "shared";
  });
  return all;
}

/// Names, counters, files; what only metrics show; and what no small run shows.
bool outside(const std::string& key) {
  static const std::set<std::string> keys = {
      "recipe",  "variant",   "environment",       "algorithm",      "scalar",           "seed",
      "threads", "epochs",    "evaluate_episodes", "evaluate_every", "checkpoint_every", "checkpoints_kept",
      "log",     "gif_every", "grad_metrics",      "source_metrics", "source_figure"};
  return keys.contains(key);
}

}  // namespace

TEST_CASE("a setting that is said not to be read changes nothing, and every other changes something") {
  for (const AlgorithmEntry& entry : algorithms()) {
    CAPTURE(std::string(entry.name));
    std::map<std::string, bool> moved;
    for (const TrainSettings& base : starts(entry.name)) {
      const std::vector<double> before = learnt(base);
      REQUIRE(!before.empty());
      for_each_other(base, [&](const Field& field, const TrainSettings& settings) {
        if (outside(field.key)) return;
        const std::vector<double> after = learnt(settings);
        if (after.empty()) return;
        bool said = false;
        for (const Unread& one : unread_settings(settings)) said = said || one.key == field.key;
        CAPTURE(field.key);
        CAPTURE(field.text());
        if (said) CHECK_MESSAGE(after == before, base.environment);
        if (!said) moved[field.key] = moved[field.key] || after != before;
      });
    }
    for (const auto& one : moved) CHECK_MESSAGE(one.second, one.first);
  }
}
