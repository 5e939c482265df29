#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <optional>
#include <pigrad/nn/safetensors.hpp>
#include <set>
#include <sstream>

#include "small_recipe.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

using Reals = std::vector<double>;
constexpr const char* cure =
    "make tests/golden/recipes.safetensors anew, as the top of tests/golden/make_recipes.py says";

const TensorFile& golden() {
  static const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/recipes.safetensors");
  return file;
}

/// What a case's arrays hold of all epochs, one after the other.
struct Reader {
  std::string key;
  std::map<std::string, std::size_t> read;

  template <class T>
  std::vector<T> next(const std::string& name, std::size_t count) {
    const std::vector<T> all = golden().values<T>(key + name);
    std::size_t& at = read[name];
    REQUIRE(at + count <= all.size());
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
    at += count;
    return {first, first + static_cast<std::ptrdiff_t>(count)};
  }
  /// [rows × columns] as a panel.
  Reals panel(const std::string& name, std::size_t rows, int columns) {
    const auto c = static_cast<std::size_t>(columns);
    const Reals values = next<double>(name, rows * c);
    Reals out(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) out[i % c * rows + i / c] = values[i];
    return out;
  }
};

Rollout<double> next_rollout(Reader& reader, int features, int dimensions) {
  const auto shape = reader.next<std::int32_t>("shape", 2);
  Rollout<double> r;
  r.resize(shape[0], shape[1], features, dimensions);
  const auto rows = static_cast<std::size_t>(r.rows());
  r.obs = reader.panel("obs", rows, features);
  r.edge_obs = reader.panel("edge_obs", static_cast<std::size_t>(r.copies), features);
  r.reward = reader.next<double>("reward", rows);
  r.log_prob = reader.next<double>("log_prob", rows);
  if (dimensions > 0)
    r.action = reader.panel("action", rows, dimensions);
  else
    r.index = reader.next<std::int32_t>("action", rows);
  const auto end = reader.next<std::uint8_t>("end", rows);
  for (std::size_t i = 0; i < rows; ++i) {
    r.terminated[i] = end[i] & 1;
    r.truncated[i] = end[i] >> 1;
    if (end[i] == 0) continue;
    const Reals final_obs = reader.next<double>("final_obs", static_cast<std::size_t>(features));
    for (std::size_t f = 0; f < final_obs.size(); ++f) r.final_obs[f * rows + i] = final_obs[f];
  }
  return r;
}

/// Largest |ours − theirs| over largest |theirs|.
double apart(const double* ours, const double* theirs, int size) {
  double difference = 0, largest = 0;
  for (int i = 0; i < size; ++i) {
    difference = std::max(difference, std::abs(ours[i] - theirs[i]));
    largest = std::max(largest, std::abs(theirs[i]));
  }
  return std::isfinite(difference) ? difference / largest : INFINITY;
}

/// The settings that are not those of the golden data. One that came later is not among them: its default must compute
/// what was computed before it.
std::string changed(const TrainSettings& now, const std::string& then) {
  std::map<std::string, std::string> values;
  std::istringstream lines(then);
  for (std::string line; std::getline(lines, line);) values[line.substr(0, line.find('='))] = line;
  static const std::set<std::string> of_no_update = {
      "evaluate_episodes", "evaluate_every", "checkpoint_every", "checkpoints_kept", "log", "threads"};
  std::string words;
  std::istringstream present(settings_text(now));
  for (std::string line; std::getline(present, line);) {
    const std::string key = line.substr(0, line.find('='));
    if (of_no_update.count(key) == 0 && values.count(key) > 0 && values[key] != line)
      words += " " + line + " (was " + values[key].substr(key.size() + 1) + ")";
  }
  return words;
}

void check_parameters(const OnPolicy<double>& a, const Reals& theirs, const Reals& start, double tolerance) {
  REQUIRE(theirs.size() == static_cast<std::size_t>(a.layout().size()));
  for (const Segment& segment : a.layout().segments()) {
    INFO(segment.name);
    const double* expected = theirs.data() + segment.offset;
    CHECK(apart(a.agent().parameters().data(segment.name), expected, segment.size()) < tolerance);
    CHECK(apart(start.data() + segment.offset, expected, segment.size()) > 1e-6);
  }
}

void check(const std::string& name, const std::string& variant, int threads) {
  const std::string key = name + "." + variant + ".";
  INFO(key);
  const TrainSettings s = small_recipe(name, variant);
  const auto settings = golden().metadata().find(key + "settings");
  if (settings == golden().metadata().end()) {
    FAIL_CHECK("recipe " << name << ", variant " << variant << ", was never compared with PyTorch: " << cure);
    return;
  }
  if (const std::string words = changed(s, settings->second); !words.empty()) {
    FAIL_CHECK("recipe " << name << ", variant " << variant << ", has other settings now:" << words << ": " << cure);
    return;
  }
  std::istringstream numbers(golden().metadata().at(key + "spec"));
  int features = 0, actions = 0, dimensions = 0;
  Spec spec;
  numbers >> features >> actions >> dimensions >> spec.max_steps;
  spec.id = s.environment;
  spec.observation = Space::box(features, -1e9, 1e9);
  spec.action = dimensions > 0 ? Space::box(dimensions, -1, 1) : Space::discrete(actions);
  const auto a = make_small(s, spec);
  if (!a) {
    FAIL_CHECK("tests/small_recipe.hpp has no algorithm " << s.algorithm << ": add it there, and " << cure);
    return;
  }
  const Reals start = golden().values<double>(key + "start");
  REQUIRE(start.size() == static_cast<std::size_t>(a->layout().size()));
  std::copy(start.begin(), start.end(), a->agent().parameters().data());
  a->agent().parameters().touch();

  Reader reader{key, {}};
  std::optional<RewardScaler> rewards;
  for (int epoch = 0; epoch < learnt_epochs; ++epoch) {
    Rollout<double> r = next_rollout(reader, features, dimensions);
    if (!rewards && scales_rewards(s)) rewards.emplace(r.copies, s.gamma, s.reward);
    if (rewards && s.reset_each_epoch && epoch > 0) rewards->restart();
    if (rewards) rewards->apply(r);
    a->learn(r, threads);
    const std::string after = key + "after." + std::to_string(epoch);
    INFO("after epoch " << epoch);
    // Steps as long as these stretch a rounding: one of 2e-16 at the start is 2e-13 after ppo-pendulum's third epoch.
    const double tolerance = epoch == 0 ? 1e-12 : 1e-10;
    if (epoch == 0 || epoch + 1 == learnt_epochs)
      check_parameters(*a, golden().values<double>(after), start, tolerance);
  }
}

}  // namespace

TEST_CASE("one epoch and three of every recipe equal PyTorch's") {
  std::set<std::string> known;
  int threads = 1;
  for (const auto& [name, variant] : every_variant()) {
    check(name, variant, threads);
    threads = 4 - threads;
    known.insert(name + "." + variant + ".settings");
  }
  for (const auto& [name, text] : golden().metadata()) {
    const bool is_case = name.size() > 9 && name.compare(name.size() - 9, 9, ".settings") == 0;
    if (is_case && known.count(name) == 0) FAIL_CHECK("no recipe is " << name << " any more: " << cure);
  }
}
