#include "transitions.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "../../core/error.hpp"
#include "../../core/nearest.hpp"
#include "../csv.hpp"

namespace pigrad::app {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::string numbered(const char* name, int i) { return name + std::string("_") + std::to_string(i); }

/// The table's columns for one policy, each cell checked when it is read.
class Reader {
 public:
  Reader(const std::string& path, const OnPolicy<double>& policy)
      : path_(path),
        policy_(policy),
        table_(read_csv(path)),
        features_(policy.agent().observation_size()),
        dimensions_(policy.agent().action_size()) {
    for (int f = 0; f < features_; ++f) need(numbered("obs", f));
    if (dimensions_ == 0) need("action");
    for (int d = 0; d < dimensions_; ++d) need(numbered("action", d));
    for (const char* name : {"reward", "terminated", "truncated"}) need(name);
    with_next_ = table_.contains("next_obs_0");
    for (int f = 0; with_next_ && f < features_; ++f) need(numbered("next_obs", f));
    for (const char* name : {"episode", "weight"}) known_.insert(name);
    for (const std::string& column : table_.columns)
      if (known_.count(column) == 0)
        throw Error(path, "there is no column \"" + column + "\" in a table of transitions for " + policy.spec().id,
                    did_you_mean(column, {known_.begin(), known_.end()}) + "see docs/instruments.md");
    if (table_.rows == 0) throw Error(path, "it holds no transitions", "give a line for each step");
  }

  int rows() const { return static_cast<int>(table_.rows); }
  bool with_next() const { return with_next_; }
  bool has(const char* column) const { return table_.contains(column); }
  double number(const std::string& column, int row) const {
    const double x = table_.at(column)[at(row)];
    if (std::isfinite(x)) return x;
    refuse(row, column + " is no finite number", "write one, such as 0.5");
  }
  std::uint8_t mark(const std::string& column, int row) const {
    const double x = number(column, row);
    if (x == 0 || x == 1) return static_cast<std::uint8_t>(x);
    refuse(row, column + " is " + shortest(x), "write 0 or 1");
  }
  std::int32_t choice(int row) const {
    const double x = number("action", row);
    const int choices = policy_.agent().distribution().actions();
    if (x >= 0 && x < choices && x == std::floor(x)) return static_cast<std::int32_t>(x);
    refuse(row, "action is " + shortest(x) + ", and " + policy_.spec().id + " has " + std::to_string(choices),
           "write 0 to " + std::to_string(choices - 1));
  }
  [[noreturn]] void refuse(int row, const std::string& what, const std::string& cure) const {
    throw Error(path_ + ":" + std::to_string(row + 2), what, cure);
  }

 private:
  void need(const std::string& column) {
    known_.insert(column);
    if (!table_.contains(column))
      throw Error(path_, "it has no column \"" + column + "\", which " + policy_.spec().id + " needs",
                  "see docs/instruments.md");
  }

  std::string path_;
  const OnPolicy<double>& policy_;
  CsvTable table_;
  int features_, dimensions_;
  bool with_next_ = false;
  std::set<std::string> known_;
};

}  // namespace

Transitions read_transitions(const std::string& path, const OnPolicy<double>& policy, double reward_factor) {
  const Reader reader(path, policy);
  const int rows = reader.rows(), features = policy.agent().observation_size(),
            dimensions = policy.agent().action_size();
  const TrainSettings& settings = policy.settings();
  Transitions all;
  Rollout<double>& r = all.rollout;
  r.resize(rows, 1, features, dimensions);
  for (int t = 0; t < rows; ++t) {
    for (int f = 0; f < features; ++f) r.obs[at(f * rows + t)] = reader.number(numbered("obs", f), t);
    if (dimensions == 0) r.index[at(t)] = reader.choice(t);
    for (int d = 0; d < dimensions; ++d) r.action[at(d * rows + t)] = reader.number(numbered("action", d), t);
    const double learnt = reader.number("reward", t) * reward_factor, most = settings.reward.clip;
    r.reward[at(t)] = most > 0 ? std::clamp(learnt, -most, most) : learnt;
    r.terminated[at(t)] = reader.mark("terminated", t);
    r.truncated[at(t)] = !r.terminated[at(t)] && reader.mark("truncated", t);
    const bool other_next =
        reader.has("episode") && t + 1 < rows && reader.number("episode", t) != reader.number("episode", t + 1);
    if (other_next && !r.terminated[at(t)]) r.truncated[at(t)] = 1;
    if (reader.has("weight")) all.weight.push_back(reader.number("weight", t));
    const bool last = t + 1 == rows, cut = r.truncated[at(t)] != 0 || (last && !r.terminated[at(t)]);
    const std::string& rule = r.truncated[at(t)] ? settings.boundary.truncation : settings.boundary.edge;
    if (cut && !reader.with_next() && rule == "bootstrap" && policy.agent().has_critic() && all.weight.empty())
      reader.refuse(t, "the episode is cut here, and V of the observation after it is needed",
                    "add the columns next_obs_0 to next_obs_" + std::to_string(features - 1) + ", or mark an end");
    for (int f = 0; f < features; ++f) {
      const double next = reader.with_next() ? reader.number(numbered("next_obs", f), t) : 0;
      r.final_obs[at(f * rows + t)] = next;
      if (last) r.edge_obs[at(f)] = next;
    }
  }
  if (const ObservationNormaliser* normaliser = policy.agent().normaliser()) {
    normaliser->apply(rows, r.obs.data(), rows, r.obs.data(), rows);
    normaliser->apply(rows, r.final_obs.data(), rows, r.final_obs.data(), rows);
    normaliser->apply(1, r.edge_obs.data(), 1, r.edge_obs.data(), 1);
  }
  return all;
}

}  // namespace pigrad::app
