#include "recorder.hpp"

#include <algorithm>

#include "../core/error.hpp"
#include "counts.hpp"

namespace pigrad {

template <class T>
Recorder<T>::Recorder(const Agent<T>& agent, int steps, int copies, std::uint64_t seed,
                      ObservationNormaliser* normaliser)
    : agent_(&agent),
      normaliser_(normaliser),
      actor_(agent),
      random_(seed, Purpose::action),
      step_(static_cast<std::size_t>(copies)),
      waiting_(static_cast<std::size_t>(copies)),
      running_(static_cast<std::size_t>(copies)) {
  rollout_.resize(steps, copies, agent.observation_size(), agent.action_size());
  if (moves_with_steps() && copies > 1)
    throw Error("observation.statistics",
                "with each step they need all " + std::to_string(copies) + " copies, which step apart in this loop",
                "set observation.statistics=rollout, or copies=1");
  if (normaliser_ && !moves_with_steps()) raw_.resize(rollout_.obs.size());
  seen_.resize(static_cast<std::size_t>(rollout_.observation_size));
  begin();
}

/// As the policy sees it; valid until the next call.
template <class T>
const T* Recorder<T>::seen(const T* obs) {
  if (!normaliser_) return obs;
  normaliser_->apply(1, obs, 1, seen_.data(), 1);
  return seen_.data();
}

template <class T>
void Recorder<T>::begin() {
  observed_ = 0;
  ended_.clear();
  std::fill(step_.begin(), step_.end(), 0);
  std::fill(waiting_.begin(), waiting_.end(), 0);
  for (std::size_t e = 0; e < running_.size(); ++e) rollout_.first_step[e] = running_[e].length;
}

template <class T>
void Recorder<T>::check_copy(const char* where, int copy) const {
  if (copy < 0 || copy >= rollout_.copies)
    throw Error(where, "copy " + std::to_string(copy) + " of " + std::to_string(rollout_.copies),
                "give a copy from 0 to copies − 1");
}

template <class T>
int Recorder<T>::act(const T* obs, T* action, int copy) {
  check_copy("act", copy);
  const auto c = static_cast<std::size_t>(copy);
  require(!waiting_[c], "act", "the copy's last action waits for its outcome", "call observe() first");
  require(step_[c] < rollout_.steps, "act", "the copy's part of the rollout is full",
          "when the others' are too, call update()");
  const int row = rollout_.row(step_[c], copy), rows = rollout_.rows();
  for (std::size_t f = 0; f < seen_.size() && !raw_.empty(); ++f)
    raw_[f * static_cast<std::size_t>(rows) + static_cast<std::size_t>(row)] = obs[f];
  if (moves_with_steps() && running_[c].length == 0) normaliser_->update(1, obs, 1);
  obs = seen(obs);
  for (int f = 0; f < rollout_.observation_size; ++f) rollout_.obs[static_cast<std::size_t>(f * rows + row)] = obs[f];
  std::int32_t* index = rollout_.index.empty() ? nullptr : rollout_.index.data() + row;
  T* sampled = rollout_.action.empty() ? nullptr : rollout_.action.data() + row;
  actor_.sample(1, obs, 1, random_, static_cast<std::uint32_t>(copy),
                static_cast<std::uint64_t>(steps_done_ + step_[c]), index, sampled, rows,
                rollout_.log_prob.data() + row);
  for (int j = 0; sampled && action && j < rollout_.action_size; ++j) action[j] = sampled[j * rows];
  waiting_[c] = 1;
  return index ? *index : 0;
}

template <class T>
void Recorder<T>::observe(T reward, bool terminated, bool truncated, const T* next_obs, int copy) {
  check_copy("observe", copy);
  const auto c = static_cast<std::size_t>(copy);
  require(waiting_[c], "observe", "no action of this copy waits for its outcome", "call act() first");
  const int row = rollout_.row(step_[c], copy), rows = rollout_.rows();
  const auto r = static_cast<std::size_t>(row);
  rollout_.reward[r] = reward;
  rollout_.terminated[r] = terminated;
  rollout_.truncated[r] = truncated && !terminated;
  if (moves_with_steps() && !rollout_.ended(row)) normaliser_->update(1, next_obs, 1);
  next_obs = seen(next_obs);
  for (int f = 0; f < rollout_.observation_size; ++f) {
    if (rollout_.ended(row)) rollout_.final_obs[static_cast<std::size_t>(f * rows + row)] = next_obs[f];
    rollout_.edge_obs[static_cast<std::size_t>(f * rollout_.copies + copy)] = next_obs[f];
  }
  Episode& episode = running_[c];
  episode.total += static_cast<double>(reward);
  ++episode.length;
  if (rollout_.ended(row)) {
    episode.truncated = rollout_.truncated[r] != 0;
    ended_.emplace_back(row, episode);
    episode = {};
  }
  waiting_[c] = 0;
  ++step_[c];
  ++observed_;
}

template <class T>
void Recorder<T>::take(Rollout<T>& rollout) {
  if (!full())
    throw Error("update", std::to_string(observed_) + " of " + std::to_string(rollout_.rows()) + " steps observed",
                "act and observe until ready()");
  std::sort(ended_.begin(), ended_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  rollout_.episodes.clear();
  for (const auto& [row, episode] : ended_) rollout_.episodes.push_back(episode);
  steps_done_ += rollout_.steps;
  if (!raw_.empty()) normaliser_->update(rollout_.rows(), raw_.data(), rollout_.rows());
  rollout = rollout_;
  begin();
}

template <class T>
void Recorder<T>::save(State& state) const {
  std::vector<double> total;
  std::vector<std::int64_t> counts = {steps_done_};
  for (const Episode& episode : running_) {
    total.push_back(episode.total);
    counts.push_back(episode.length);
  }
  state.put("recorder.running_return", std::move(total));
  state.put("recorder.counts", std::move(counts));
}

template <class T>
void Recorder<T>::load(const State& state) {
  const int copies = rollout_.copies;
  const auto& total = state.doubles("recorder.running_return", copies);
  const auto& held = counts(state, "recorder.counts", copies + 1);
  steps_done_ = held[0];
  for (std::size_t e = 0; e < running_.size(); ++e) running_[e] = {total[e], static_cast<int>(held[e + 1]), false};
  begin();
}

template class Recorder<float>;
template class Recorder<double>;

}  // namespace pigrad
