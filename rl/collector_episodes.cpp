#include <algorithm>
#include <limits>

#include "../core/parallel.hpp"
#include "collector.hpp"
#include "exchange.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
void Collector<T>::Track::clear() {
  for (std::vector<T>* v : {&obs, &action, &log_prob, &reward, &final_obs}) v->clear();
  index.clear();
  episodes.clear();
  running = 0;
}

template <class T>
bool Collector<T>::has_played(int copy, const EpisodeQuota& quota) const {
  const Track& track = tracks_[at(copy)];
  if (track.running > 0) return false;
  if (quota.episodes == 0) return static_cast<int>(track.reward.size()) >= quota.steps;
  const int copies = env_->copies(), share = quota.episodes / copies + (copy < quota.episodes % copies);
  return static_cast<int>(track.episodes.size()) >= share;
}

/// Statistics of the policy for the copies that still play, one row each.
template <class T>
View<const T> Collector<T>::statistics(const std::vector<int>& active, Actor<T>& actor, std::vector<T>& panel) {
  const int n = static_cast<int>(active.size()), copies = env_->copies(), features = agent_->observation_size();
  const int first = active.front();
  if (active.back() - first + 1 == n) return actor.statistics(n, obs_.data() + first, copies);
  panel.resize(at(n) * at(features));
  for (int f = 0; f < features; ++f)
    for (int i = 0; i < n; ++i) panel[at(f * n + i)] = obs_[at(f * copies + active[at(i)])];
  return actor.statistics(n, panel.data(), n);
}

template <class T>
void Collector<T>::step_copies(int begin, int end) {
  const int copies = env_->copies();
  StepBuffers<T> out;
  out.obs = obs_.data();
  out.obs_ld = out.final_ld = copies;
  out.reward = panels_.reward.data();
  out.terminated = panels_.terminated.data();
  out.truncated = panels_.truncated.data();
  out.final_obs = panels_.final_obs.data();
  out.episode_return = episode_return_.data();
  out.episode_length = episode_length_.data();
  const bool box = agent_->action_size() > 0;
  env_->step_range(begin, end,
                   box ? Actions<T>::box(panels_.action.data(), copies) : Actions<T>::discrete(panels_.index.data()),
                   out);
}

template <class T>
void Collector<T>::note_step(int copy, const EpisodeQuota& quota) {
  Track& track = tracks_[at(copy)];
  const std::size_t c = at(copy);
  const int copies = env_->copies();
  if (agent_->action_size() == 0) track.index.push_back(panels_.index[c]);
  for (int j = 0; j < agent_->action_size(); ++j) track.action.push_back(panels_.action[at(j * copies + copy)]);
  track.log_prob.push_back(panels_.log_prob[c]);
  track.reward.push_back(panels_.reward[c]);
  ++track.running;
  if (panels_.terminated[c] || panels_.truncated[c]) {
    track.episodes.push_back({episode_return_[c], episode_length_[c], panels_.truncated[c] != 0});
    for (int f = 0; f < agent_->observation_size(); ++f)
      track.final_obs.push_back(panels_.final_obs[at(f * copies + copy)]);
    track.running = 0;
  } else if (track.running >= quota.longest) {
    throw Error("collect_episodes", "an episode passed " + std::to_string(quota.longest) + " steps without an end",
                "use an environment with a time limit");
  }
}

/// Plays the shares of copies [begin, end); returns the steps of the copy that made most.
template <class T>
int Collector<T>::play_copies(int begin, int end, const EpisodeQuota& quota, Actor<T>& actor) {
  const int copies = env_->copies(), features = agent_->observation_size();
  std::vector<int> active;
  std::vector<T> panel;
  for (int c = begin; c < end; ++c)
    if (!has_played(c, quota)) active.push_back(c);
  int t = 0;
  for (; !active.empty(); ++t) {
    const View<const T> all = statistics(active, actor, panel);
    for (const int c : active)
      for (int f = 0; f < features; ++f) tracks_[at(c)].obs.push_back(obs_[at(f * copies + c)]);
    for (std::size_t i = 0, next = 0; i < active.size(); i = next) {
      for (next = i + 1; next < active.size() && active[next] == active[next - 1] + 1;) ++next;
      const int first = active[i], n = static_cast<int>(next - i);
      const View<const T> rows{all.data + static_cast<std::ptrdiff_t>(i) * all.row_stride, all.column_stride,
                               all.row_stride};
      T* action = agent_->action_size() > 0 ? panels_.action.data() + first : nullptr;
      actor.draw(n, rows, random_, static_cast<std::uint32_t>(first), static_cast<std::uint64_t>(steps_done_ + t),
                 panels_.index.data() + first, action, copies, panels_.log_prob.data() + first);
      step_copies(first, first + n);
    }
    for (const int c : active) note_step(c, quota);
    std::erase_if(active, [&](int c) { return has_played(c, quota); });
  }
  return t;
}

template <class T>
void Collector<T>::join_tracks(Rollout<T>& rollout) const {
  const int copies = env_->copies(), features = agent_->observation_size(), dimensions = agent_->action_size();
  std::size_t rows = 0, rounds = 0;
  for (const Track& track : tracks_) {
    rows += track.reward.size();
    rounds = std::max(rounds, track.episodes.size());
  }
  if (rows > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error("collect_episodes", std::to_string(rows) + " steps", "ask for fewer: a rollout holds 2³¹ − 1");
  rollout.resize(static_cast<int>(rows), 1, features, dimensions);
  std::fill(rollout.terminated.begin(), rollout.terminated.end(), std::uint8_t{0});
  std::fill(rollout.truncated.begin(), rollout.truncated.end(), std::uint8_t{0});
  rollout.episodes.clear();
  std::vector<std::size_t> begin(tracks_.size(), 0);
  std::size_t row = 0;
  int last = 0;
  for (std::size_t round = 0; round < rounds; ++round)
    for (int c = 0; c < copies; ++c) {
      const Track& track = tracks_[at(c)];
      if (round >= track.episodes.size()) continue;
      const Episode& episode = track.episodes[round];
      const std::size_t length = at(episode.length), from = begin[at(c)], f_count = at(features),
                        d_count = at(dimensions);
      for (std::size_t i = 0; i < length; ++i) {
        for (std::size_t f = 0; f < f_count; ++f) rollout.obs[f * rows + row + i] = track.obs[(from + i) * f_count + f];
        for (std::size_t j = 0; j < d_count; ++j)
          rollout.action[j * rows + row + i] = track.action[(from + i) * d_count + j];
        if (dimensions == 0) rollout.index[row + i] = track.index[from + i];
        rollout.log_prob[row + i] = track.log_prob[from + i];
        rollout.reward[row + i] = track.reward[from + i];
      }
      begin[at(c)] += length;
      row += length;
      for (std::size_t f = 0; f < f_count; ++f)
        rollout.final_obs[f * rows + row - 1] = track.final_obs[round * f_count + f];
      (episode.truncated ? rollout.truncated : rollout.terminated)[row - 1] = 1;
      rollout.episodes.push_back(episode);
      last = c;
    }
  for (int f = 0; f < features; ++f) rollout.edge_obs[at(f)] = obs_[at(f * copies + last)];
}

/// Tells all what each process's copies did, and returns the steps of the copy that made most.
template <class T>
int Collector<T>::exchange_tracks(int longest, const std::string& fault) {
  const int copies = env_->copies();
  const auto part = [&](int rank) { return Group::part(copies, rank, group_->size()); };
  const auto ranks = at(group_->size());
  std::vector<std::size_t> sizes(ranks);
  for (std::size_t r = 0; r < ranks; ++r)
    sizes[r] = sizeof(std::int32_t) * at(1 + 2 * part(static_cast<int>(r)).size());
  std::vector<unsigned char> room_of_counts, room;
  Exchange counts(*group_, sizes, room_of_counts, fault);
  const auto count = [](std::size_t n) { return static_cast<std::int32_t>(n); };
  counts.put(&longest);
  const Part mine = group_->part(copies);
  for (int c = mine.begin; c < mine.end; ++c) {
    const std::int32_t both[] = {count(tracks_[at(c)].reward.size()), count(tracks_[at(c)].episodes.size())};
    counts.put(both, 2);
  }
  counts.deliver();

  const std::size_t features = at(agent_->observation_size()), dimensions = at(agent_->action_size());
  const auto each_array = [&](int c, const auto& body) {
    Track& track = tracks_[at(c)];
    for (std::vector<T>* v : {&track.obs, &track.action, &track.log_prob, &track.reward, &track.final_obs}) body(*v);
    body(track.index);
    body(track.episodes);
  };
  for (std::size_t r = 0; r < ranks; ++r) {
    const Part theirs = part(static_cast<int>(r));
    counts.open(static_cast<int>(r));
    std::int32_t most = 0;
    counts.take(&most);
    longest = std::max(longest, most);
    sizes[r] = sizeof(T) * features * at(theirs.size());
    for (int c = theirs.begin; c < theirs.end; ++c) {
      std::int32_t both[2];
      counts.take(both, 2);
      Track& track = tracks_[at(c)];
      const std::size_t steps = at(both[0]);
      track.obs.resize(steps * features);
      track.action.resize(steps * dimensions);
      track.index.resize(dimensions == 0 ? steps : 0);
      for (std::vector<T>* v : {&track.log_prob, &track.reward}) v->resize(steps);
      track.episodes.resize(at(both[1]));
      track.final_obs.resize(at(both[1]) * features);
      each_array(c, [&](const auto& v) { sizes[r] += v.size() * sizeof(v[0]); });
    }
  }
  Exchange all(*group_, sizes, room);
  const auto each_value = [&](const Part& copies_of, const auto& body) {
    for (int c = copies_of.begin; c < copies_of.end; ++c) {
      each_array(c, [&](auto& v) { body(v.data(), v.size()); });
      for (std::size_t f = 0; f < features; ++f) body(&obs_[f * at(copies) + at(c)], 1);
    }
  };
  each_value(mine, [&](const auto* v, std::size_t n) { all.put(v, n); });
  all.deliver();
  for (int r = 0; r < group_->size(); ++r) {
    if (r == group_->rank()) continue;
    all.open(r);
    each_value(part(r), [&](auto* v, std::size_t n) { all.take(v, n); });
  }
  return longest;
}

template <class T>
void Collector<T>::collect_episodes(const EpisodeQuota& quota, int threads, Rollout<T>& rollout) {
  require(quota.episodes > 0 || quota.steps > 0, "collect_episodes", "no steps are asked for", "ask for at least 1");
  require(env_->autoreset() == Autoreset::same_step, "collect_episodes", "the environment has reset rows",
          "make it with Autoreset::same_step");
  require(!normaliser_, "collect_episodes", "observations are normalised", "collect rollouts of a fixed length");
  const int copies = env_->copies();
  const auto n = at(copies);
  tracks_.resize(n);
  for (Track& track : tracks_) track.clear();
  for (std::vector<T>* v : {&panels_.log_prob, &panels_.reward}) v->resize(n);
  panels_.action.resize(n * at(agent_->action_size()));
  panels_.final_obs.resize(n * at(agent_->observation_size()));
  panels_.index.resize(n);
  panels_.terminated.resize(n);
  panels_.truncated.resize(n);
  episode_return_.resize(std::max(n, episode_return_.size()));
  episode_length_.resize(std::max(n, episode_length_.size()));
  restart();
  const Part mine = own_copies();
  const int shards = std::min(threads, mine.size());
  actor(std::max(0, shards - 1));
  std::vector<int> played(at(std::max(1, shards)), 0);
  const auto play = [&] {
    parallel_for(shards, shards, [&](int i, int) {
      const Part part = Group::part(mine.size(), i, shards);
      played[at(i)] = play_copies(mine.begin + part.begin, mine.begin + part.end, quota, actor(i));
    });
  };
  const auto longest = [&] { return *std::max_element(played.begin(), played.end()); };
  if (dealt()) {
    const std::string fault = fault_of(play);
    steps_done_ += exchange_tracks(longest(), fault);
  } else {
    play();
    steps_done_ += longest();
  }
  join_tracks(rollout);
}

#define PIGRAD_INSTANTIATE(T)                                                                           \
  template void Collector<T>::Track::clear();                                                           \
  template bool Collector<T>::has_played(int, const EpisodeQuota&) const;                               \
  template View<const T> Collector<T>::statistics(const std::vector<int>&, Actor<T>&, std::vector<T>&); \
  template void Collector<T>::step_copies(int, int);                                                    \
  template void Collector<T>::note_step(int, const EpisodeQuota&);                                      \
  template int Collector<T>::play_copies(int, int, const EpisodeQuota&, Actor<T>&);                     \
  template int Collector<T>::exchange_tracks(int, const std::string&);                                  \
  template void Collector<T>::join_tracks(Rollout<T>&) const;                                           \
  template void Collector<T>::collect_episodes(const EpisodeQuota&, int, Rollout<T>&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
