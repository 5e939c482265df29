#include "unread.hpp"

#include <algorithm>

#include "algorithm.hpp"

namespace pigrad {
namespace {

bool is_in(const std::string& key, const std::string& group) { return key == group || key.starts_with(group + "."); }

/// Settings or groups of them that are not read, and why.
class Rules {
 public:
  explicit Rules(const TrainSettings& settings) : s_(settings) {
    of_algorithm();
    of_optimiser("policy.optimiser", s_.policy.optimiser);
    of_optimiser("critic.optimiser", s_.critic.optimiser);
    of_network("policy.network", s_.policy.network.hidden.empty(), "policy.network.hidden is empty");
    of_critic();
    of_policy();
    of_advantage();
    of_collecting();
  }

  const std::string* because_of(const std::string& key) const {
    for (const Unread& rule : list_)
      if (is_in(key, rule.key)) return &rule.because;
    return nullptr;
  }

 private:
  void add(bool unread, const std::string& group, const char* key, const std::string& because) {
    if (unread) list_.push_back({group.empty() ? key : group + "." + key, because});
  }

  void of_algorithm() {
    for (const AlgorithmEntry& entry : algorithms())
      if (s_.algorithm == entry.name)
        for (const std::string& key : entry.ignores) add(true, "", key.c_str(), s_.algorithm + " does not read it");
  }

  void of_optimiser(const std::string& group, const OptimiserChoice& o) {
    const std::string because = group + ".name is " + o.name;
    for (const char* key : {"momentum", "beta1", "beta2", "alpha", "epsilon", "epsilon_inside", "initial_mean_square"})
      add(!optimiser_reads(o.name, key), group, key, because);
  }

  void of_network(const std::string& group, bool linear, const std::string& because) {
    for (const char* key : {"activation", "initial_weights"}) add(linear, group, key, because);
  }

  void of_critic() {
    const CriticSettings& c = s_.critic;
    const bool one_layer = c.kind == "linear" || c.kind == "shared";
    const std::string because = one_layer ? "critic.kind is " + c.kind : "critic.network.hidden is empty";
    add(one_layer, "critic.network", "hidden", because);
    of_network("critic.network", one_layer || c.network.hidden.empty(), because);
    add(s_.algorithm == "ppo" && s_.ppo.optimisers == "joint", "critic", "optimiser", "ppo.optimisers is joint");
    add(s_.natural.rate > 0 && s_.algorithm == "npg", "natural", "max_kl", "natural.rate is not 0");
    add(s_.ppo.value_clip == 0, "ppo", "value_clip_form", "ppo.value_clip is 0");
  }

  void of_policy() {
    const std::string because = "policy.distribution is " + s_.policy.distribution.name;
    const bool gaussian = s_.policy.distribution.name == "gaussian";
    for (const char* key : {"spread", "spread_is", "initial_spread"}) add(!gaussian, "policy", key, because);
    add(gaussian, "policy", "log_prob", because);
  }

  void of_advantage() {
    const AdvantageSettings& a = s_.advantage;
    const std::string because = "advantage.estimator is " + a.estimator;
    // The critic's own target may read them too: ppo's and a2c-joint's is always λ's.
    const bool joint = s_.algorithm == "ppo" || s_.algorithm == "a2c-joint";
    const auto critic_fits = [&](const char* target) {
      return because_of("critic.target") == nullptr && s_.critic.target == target;
    };
    add(a.estimator != "n_step" && !critic_fits("n_step"), "advantage", "n", because);
    add(a.estimator != "gae" && !joint && !critic_fits("lambda"), "", "lambda", because);
    for (const char* key : {"epsilon", "deviation"})
      add(!a.normalise, "advantage", key, "advantage.normalise is false");
  }

  void of_collecting() {
    add(s_.episodes > 0, "", "steps", "episodes says how many an epoch plays");
    add(s_.whole_episodes, "", "reset_each_epoch", "whole_episodes begins every epoch anew");
    for (const char* key : {"statistics", "clip", "epsilon"})
      add(!s_.observation.normalise, "observation", key, "observation.normalise is false");
    add(!s_.reward.scale, "reward", "epsilon", "reward.scale is false");
  }

  const TrainSettings& s_;
  std::vector<Unread> list_;
};

}  // namespace

std::vector<Unread> unread_settings(const TrainSettings& settings) {
  TrainSettings mine = settings, untouched;
  const auto fields = fields_of(mine), defaults = fields_of(untouched);
  const Rules rules(settings);
  std::vector<Unread> all;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].text() == defaults[i].text()) continue;
    if (const std::string* because = rules.because_of(fields[i].key)) all.push_back({fields[i].key, *because});
  }
  return all;
}

}  // namespace pigrad
