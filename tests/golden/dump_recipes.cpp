#include <cstdio>
#include <optional>
#include <pigrad/app/environments.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/rl/shuffle.hpp>

#include "../small_recipe.hpp"

// Writes rollouts of every recipe, made small, for make_recipes.py: `golden_recipes FILE`.

using namespace pigrad;
using namespace pigrad_test;

namespace {

constexpr std::uint64_t most_seeds = 200;

/// Arrays by name, kept until they are written.
struct Dump {
  std::vector<std::pair<std::string, std::vector<double>>> reals;
  std::vector<std::pair<std::string, std::vector<std::int32_t>>> integers;
  Metadata metadata;

  void write(const std::string& path) const {
    std::vector<TensorView> tensors;
    const auto add = [&](const auto& arrays) {
      for (const auto& [name, values] : arrays)
        tensors.push_back(tensor_view(name, {static_cast<std::int64_t>(values.size())}, values.data()));
    };
    add(reals);
    add(integers);
    save_safetensors(path, tensors, metadata);
  }
};

/// A panel [columns × rows] as [rows × columns].
std::vector<double> by_rows(const std::vector<double>& panel, int columns) {
  const auto c = static_cast<std::size_t>(columns), rows = c > 0 ? panel.size() / c : 0;
  std::vector<double> out(panel.size());
  for (std::size_t i = 0; i < panel.size(); ++i) out[i % rows * c + i / rows] = panel[i];
  return out;
}

/// An end's number: 0 none, 1 terminated, 2 truncated, 3 both.
std::vector<std::int32_t> ends(const Rollout<double>& r) {
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < r.terminated.size(); ++i) out.push_back(r.terminated[i] + 2 * r.truncated[i]);
  return out;
}

std::vector<double> parameters(const OnPolicy<double>& a) {
  const double* first = a.agent().parameters().data();
  return {first, first + a.agent().parameters().size()};
}

void dump_rollout(const std::string& key, const Rollout<double>& r, Dump& dump) {
  dump.reals.emplace_back(key + "obs", by_rows(r.obs, r.observation_size));
  std::vector<double> final_obs;
  for (int row = 0; row < r.rows(); ++row)
    for (int f = 0; r.ended(row) && f < r.observation_size; ++f)
      final_obs.push_back(r.final_obs[static_cast<std::size_t>(f * r.rows() + row)]);
  dump.reals.emplace_back(key + "final_obs", final_obs);
  dump.reals.emplace_back(key + "edge_obs", by_rows(r.edge_obs, r.observation_size));
  dump.reals.emplace_back(key + "reward", r.reward);
  dump.reals.emplace_back(key + "log_prob", r.log_prob);
  if (r.action_size > 0)
    dump.reals.emplace_back(key + "action", by_rows(r.action, r.action_size));
  else
    dump.integers.emplace_back(key + "action", r.index);
  dump.integers.emplace_back(key + "end", ends(r));
}

/// The rows' order in each pass of PPO's update.
std::vector<std::int32_t> orders(const TrainSettings& s, int epoch, int rows) {
  std::vector<std::int32_t> all;
  for (int pass = 0; pass < s.ppo.passes; ++pass) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(rows));
    for (int i = 0; i < rows; ++i) order[static_cast<std::size_t>(i)] = i;
    shuffle(order, Random(static_cast<std::uint64_t>(s.seed), Purpose::shuffle),
            static_cast<std::uint32_t>(epoch * s.ppo.passes + pass));
    all.insert(all.end(), order.begin(), order.end());
  }
  return all;
}

/// Plays with a seed of its own, so that learning keeps the recipe's. Returns whether the rollouts have what the
/// settings speak of: an episode that ends exactly at the edge, where that has a rule.
bool dump_recipe(const std::string& name, const std::string& variant, std::uint64_t seed, Dump& dump) {
  const TrainSettings s = small_recipe(name, variant);
  const std::string key = name + "." + variant + ".";
  const Registry registry = app::all_environments();
  Spec spec = registry.spec(s.environment);
  spec.max_steps = small_limit;
  const auto a = make_small(s, spec);
  if (!a) throw Error(name, "its algorithm is " + s.algorithm, "name that in tests/small_recipe.hpp");
  EnvOptions options;
  options.max_steps = small_limit;
  const auto env = registry.make<double>(s.environment, s.copies, seed, options);
  ObservationNormaliser normaliser(spec.observation.size(), s.observation);
  Collector<double> collector(a->agent(), *env, seed, s.observation.normalise ? &normaliser : nullptr);
  std::optional<RewardScaler> rewards;
  if (scales_rewards(s)) rewards.emplace(s.whole_episodes ? 1 : s.copies, s.gamma, s.reward);

  std::string layout;
  for (const Segment& segment : a->layout().segments()) layout += segment.name + "\n";
  dump.metadata[key + "settings"] = settings_text(s);
  dump.metadata[key + "layout"] = layout;
  dump.metadata[key + "spec"] = std::to_string(spec.observation.size()) + " " +
                                std::to_string(a->agent().distribution().actions()) + " " +
                                std::to_string(a->agent().action_size()) + " " + std::to_string(small_limit);
  dump.reals.emplace_back(key + "start", parameters(*a));
  int terminated = 0, truncated = 0, rows = 0, ended_at_edge = 0;
  for (int epoch = 0; epoch < learnt_epochs; ++epoch) {
    const std::string at = key + std::to_string(epoch) + ".";
    Rollout<double> r;
    if (s.whole_episodes) {
      collector.collect_episodes({s.episodes, s.steps, small_limit}, 1, r);
    } else {
      if (s.reset_each_epoch && epoch > 0) {
        collector.restart();
        if (rewards) rewards->restart();
      }
      collector.collect(s.steps, 1, r);
    }
    dump_rollout(at, r, dump);
    dump.integers.emplace_back(at + "shape", std::vector<std::int32_t>{r.steps, r.copies});
    if (s.algorithm == "ppo" && s.ppo.order == "shuffled")
      dump.integers.emplace_back(at + "order", orders(s, epoch, r.rows()));
    for (const std::int32_t end : ends(r)) terminated += end & 1, truncated += end == 2;
    rows += r.rows();
    for (int row = r.rows() - r.copies; row < r.rows(); ++row) ended_at_edge += r.ended(row);
    if (rewards) rewards->apply(r);
    a->learn(r);
    dump.reals.emplace_back(at + "after", parameters(*a));
  }
  std::printf("%-36s %-12s %4d rows, %3d terminated, %3d truncated, %d at the edge\n", name.c_str(), variant.c_str(),
              rows, terminated, truncated, ended_at_edge);
  return !s.boundary.edge_over_end || ended_at_edge > 0;
}

void dump_recipe(const std::string& name, const std::string& variant, Dump& dump) {
  for (std::uint64_t seed = 1; seed <= most_seeds; ++seed) {
    Dump one;
    if (!dump_recipe(name, variant, seed, one)) continue;
    dump.reals.insert(dump.reals.end(), one.reals.begin(), one.reals.end());
    dump.integers.insert(dump.integers.end(), one.integers.begin(), one.integers.end());
    dump.metadata.insert(one.metadata.begin(), one.metadata.end());
    return;
  }
  throw Error(name, "no episode ended at the edge with " + std::to_string(most_seeds) + " seeds", "change small_rows");
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "usage: golden_recipes FILE\n");
    return 2;
  }
  try {
    Dump dump;
    dump.metadata["defaults"] = settings_text(TrainSettings{});
    for (const auto& [name, variant] : every_variant()) dump_recipe(name, variant, dump);
    dump.write(words[1]);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
