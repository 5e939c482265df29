#pragma once
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <pigrad/rl/algorithm.hpp>
#include <string>
#include <vector>

// What the tests of whole trainings compare, by its bits.

namespace pigrad_test {

using namespace pigrad;

template <class V>
bool same_bits(const V& a, const V& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0);
}

inline bool same_episodes(const std::vector<Episode>& a, const std::vector<Episode>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].total != b[i].total || a[i].length != b[i].length || a[i].truncated != b[i].truncated) return false;
  return true;
}

template <class T>
bool same_rollout(const Rollout<T>& a, const Rollout<T>& b) {
  return same_bits(a.obs, b.obs) && same_bits(a.edge_obs, b.edge_obs) && same_bits(a.final_obs, b.final_obs) &&
         same_bits(a.index, b.index) && same_bits(a.action, b.action) && same_bits(a.log_prob, b.log_prob) &&
         same_bits(a.reward, b.reward) && same_bits(a.terminated, b.terminated) &&
         same_bits(a.truncated, b.truncated) && same_bits(a.valid, b.valid) && same_bits(a.first_step, b.first_step) &&
         same_episodes(a.episodes, b.episodes);
}

// Every metric but time, by its bits.
inline std::string text(const Metrics& metrics) {
  std::string all;
  for (const auto& [name, value] : metrics) {
    if (name.rfind("time/", 0) == 0) continue;
    char bits[40];
    std::snprintf(bits, sizeof bits, "%a", value);
    all += name + " " + bits + "\n";
  }
  return all;
}

inline TrainSettings base(const std::string& algorithm, const std::string& scalar, int copies) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.scalar = scalar;
  s.seed = 5;
  s.copies = copies;
  s.steps = 400 / copies;
  s.minibatch = 130;
  s.epochs = 6;
  s.policy.network.hidden = {12};
  s.critic.network.hidden = {9, 5};
  s.critic.steps_per_minibatch = 3;
  s.policy.optimiser.learning_rate = 0.01;
  if (algorithm == "reinforce") {
    s.advantage.estimator = "return_to_go";
    s.advantage.baseline = false;
    s.boundary = {"terminate", "drop", false};
  }
  return s;
}

inline std::string train(Algorithm& a, int epochs, int threads) {
  std::string all;
  for (int i = 0; i < epochs; ++i) all += text(a.epoch(threads));
  return all;
}

template <class T>
std::vector<T> parameters_of(const Algorithm& a) {
  State state;
  a.save(state);
  std::vector<T> all;
  for (const Segment& s : a.layout().segments())
    for (const T x : state.reals<T>(s.name, s.size())) all.push_back(x);
  return all;
}

inline std::string file_bytes(const Algorithm& a) {
  const auto path = std::filesystem::temp_directory_path() / ("pigrad_rl_train_" + std::to_string(getpid()));
  State state;
  a.save(state);
  state.save(path.string());
  std::string bytes(std::filesystem::file_size(path), '\0');
  std::FILE* file = std::fopen(path.c_str(), "rb");
  const std::size_t read = std::fread(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  std::filesystem::remove(path);
  return read == bytes.size() ? bytes : "";
}

}  // namespace pigrad_test
