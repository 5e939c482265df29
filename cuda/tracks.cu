#include <algorithm>

#include "scan.cuh"
#include "tracks.hpp"

namespace pigrad {
namespace {

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

/// Episodes of copy c's share.
struct Share {
  int episodes, copies;
  PIGRAD_HD int of(int c) const { return episodes / copies + (c < episodes % copies ? 1 : 0); }
};

struct Begin {
  Share share;
  std::uint8_t* playing;
  std::int32_t *running, *ended, *played;

  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i);
    playing[c] = share.episodes == 0 || share.of(c) > 0 ? 1 : 0;
    running[c] = ended[c] = played[c] = 0;
  }
};

struct CountStep {
  Share share;
  int step, steps_wanted;
  const std::uint8_t *terminated, *truncated;  ///< of the step's rows
  std::uint8_t* playing;
  std::int32_t *running, *ended, *played;
  std::int32_t* episode;  ///< of the step's rows
  std::int32_t *first, *length;

  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i), k = ended[c], slot = k * share.copies + c;
    if (playing[c] == 0) return;
    episode[c] = k;
    if (running[c] == 0) first[slot] = step;
    ++running[c];
    if (!terminated[c] && !truncated[c]) return;
    length[slot] = running[c];
    ended[c] = k + 1;
    running[c] = 0;
    if (share.episodes > 0 ? k + 1 < share.of(c) : step + 1 < steps_wanted) return;
    playing[c] = 0;
    played[c] = step + 1;
  }
};

struct LengthOf {
  const std::int32_t* length;
  PIGRAD_HD std::int32_t operator()(long long i) const { return length[i]; }
};

/// The arrays of a rollout that have a number a row, or a column.
template <class T>
struct Rows {
  std::ptrdiff_t ld;
  T *obs, *action, *log_prob, *reward;
  std::int32_t *index, *final_slot, *episode_length;
  std::uint8_t *terminated, *truncated;
  double* episode_return;

  explicit Rows(DeviceRollout<T>& r)
      : ld(r.rows()),
        obs(r.obs.data()),
        action(r.action.data()),
        log_prob(r.log_prob.data()),
        reward(r.reward.data()),
        index(r.index.data()),
        final_slot(r.final_slot.data()),
        episode_length(r.episode_length.data()),
        terminated(r.terminated.data()),
        truncated(r.truncated.data()),
        episode_return(r.episode_return.data()) {}
};

/// Row t·E + e of the tracks to its place among the episodes.
template <class T>
struct Join {
  int copies, features, dimensions;
  const std::int32_t *played, *episode, *first, *begin;
  Rows<T> from, to;

  PIGRAD_HD void operator()(long long i) const {
    const int a = static_cast<int>(i), t = a / copies, c = a % copies;
    if (t >= played[c]) return;
    const int slot = episode[a] * copies + c, b = begin[slot] + t - first[slot];
    for (int f = 0; f < features; ++f) to.obs[f * to.ld + b] = from.obs[f * from.ld + a];
    for (int d = 0; d < dimensions; ++d) to.action[d * to.ld + b] = from.action[d * from.ld + a];
    if (dimensions == 0) to.index[b] = from.index[a];
    to.log_prob[b] = from.log_prob[a];
    to.reward[b] = from.reward[a];
    to.terminated[b] = from.terminated[a];
    to.truncated[b] = from.truncated[a];
    to.final_slot[b] = from.final_slot[a];
    to.episode_return[b] = from.episode_return[a];
    to.episode_length[b] = from.episode_length[a];
  }
};

}  // namespace

template <class T>
DeviceTracks<T>::DeviceTracks(const Spec& spec, const TrainSettings& settings)
    : steps_wanted(settings.steps),
      episodes_wanted(settings.episodes),
      rows(RolloutShape::of_tracks(spec, settings)),
      playing(at(rows.copies)),
      running(at(rows.copies)),
      ended(at(rows.copies)),
      played(at(rows.copies)),
      episode(at(rows.rows())),
      first(at(rows.finals) * at(rows.copies)),
      length(first.size()),
      scratch(scan_scratch(static_cast<long long>(length.size()))) {}

template <class T>
std::size_t DeviceTracks<T>::bytes(const Spec& spec, const TrainSettings& settings) {
  const RolloutShape shape = RolloutShape::of_tracks(spec, settings);
  const auto copies = at(shape.copies), episodes = at(shape.finals) * copies;
  return DeviceRollout<T>::bytes(shape) + copies * 13 +
         (at(shape.rows()) + 2 * episodes + scan_scratch(static_cast<long long>(episodes))) * sizeof(std::int32_t);
}

template <class T>
void DeviceTracks<T>::begin() {
  detail::clear_on_device(length.data(), length.size() * sizeof(std::int32_t));
  detail::clear_on_device(rows.finals_used.data(), rows.finals_used.size() * sizeof(std::int32_t));
  for_each_index("episodes", rows.copies,
                 Begin{{episodes_wanted, rows.copies}, playing.data(), running.data(), ended.data(), played.data()});
}

template <class T>
void DeviceTracks<T>::count(int step) {
  const std::ptrdiff_t row = std::ptrdiff_t{step} * rows.copies;
  for_each_index("episodes", rows.copies,
                 CountStep{{episodes_wanted, rows.copies},
                           step,
                           steps_wanted,
                           rows.terminated.data() + row,
                           rows.truncated.data() + row,
                           playing.data(),
                           running.data(),
                           ended.data(),
                           played.data(),
                           episode.data() + row,
                           first.data(),
                           length.data()});
}

template <class T>
bool DeviceTracks<T>::are_done() const {
  const std::vector<std::uint8_t> who = playing.download();
  return std::find(who.begin(), who.end(), 1) == who.end();
}

template <class T>
int DeviceTracks<T>::join(DeviceRollout<T>& to) {
  const std::vector<std::int32_t> steps = played.download(), episodes = ended.download();
  const int longest = *std::max_element(steps.begin(), steps.end());
  to.steps = 0;
  for (const std::int32_t of_copy : steps) to.steps += of_copy;
  to.episodes = *std::max_element(episodes.begin(), episodes.end()) * rows.copies;
  sums_before("episodes", to.episodes, LengthOf{length.data()}, to.episode_begin.data(), scratch.data());
  for_each_index("episodes", static_cast<long long>(longest) * rows.copies,
                 Join<T>{rows.copies, rows.observation_size, rows.action_size, played.data(), episode.data(),
                         first.data(), to.episode_begin.data(), Rows<T>(rows), Rows<T>(to)});
  detail::copy_on_device(to.final_obs.data(), rows.final_obs.data(), rows.final_obs.size() * sizeof(T));
  return longest;
}

template struct DeviceTracks<float>;
template struct DeviceTracks<double>;

}  // namespace pigrad
