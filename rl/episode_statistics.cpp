#include "episode_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace pigrad {

void EpisodeStatistics::report(const std::vector<Episode>& ended, Metrics& metrics) {
  double total = 0, squares = 0, length = 0, least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Episode& e : ended) {
    total += e.total;
    length += e.length;
    least = std::min(least, e.total);
    most = std::max(most, e.total);
    recent_.push_back(e.total);
  }
  constexpr std::size_t window = 100;
  if (recent_.size() > window) recent_.erase(recent_.begin(), recent_.end() - window);
  const auto count = static_cast<double>(ended.size());
  for (const Episode& e : ended) squares += (e.total - total / count) * (e.total - total / count);
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const double sum = std::accumulate(recent_.begin(), recent_.end(), 0.0);
  metrics.emplace_back("rollout/ep_rew_mean", count > 0 ? total / count : nothing);
  metrics.emplace_back("rollout/ep_rew_std", count > 0 ? std::sqrt(squares / count) : nothing);
  metrics.emplace_back("rollout/ep_rew_max", count > 0 ? most : nothing);
  metrics.emplace_back("rollout/ep_rew_min", count > 0 ? least : nothing);
  metrics.emplace_back("rollout/ep_len_mean", count > 0 ? length / count : nothing);
  metrics.emplace_back("rollout/episodes", count);
  metrics.emplace_back("rollout/ep_rew_mean_100",
                       recent_.empty() ? nothing : sum / static_cast<double>(recent_.size()));
}

void EpisodeStatistics::save(State& state) const { state.put("recent_returns", recent_); }
void EpisodeStatistics::load(const State& state) { recent_ = state.doubles("recent_returns"); }

}  // namespace pigrad
