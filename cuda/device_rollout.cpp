#include "device_rollout.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "../core/error.hpp"

namespace pigrad {
namespace {

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

void set_sizes(const Spec& spec, RolloutShape& shape) {
  shape.features = spec.observation.size();
  shape.dimensions = spec.action.is_discrete() ? 0 : spec.action.size();
}

}  // namespace

RolloutShape RolloutShape::of_steps(const Spec& spec, int steps, int copies) {
  RolloutShape shape;
  shape.steps = steps;
  shape.copies = copies;
  shape.finals = spec.max_steps > 0 ? (steps + spec.max_steps - 1) / spec.max_steps + 1 : 1;
  set_sizes(spec, shape);
  return shape;
}

RolloutShape RolloutShape::of_tracks(const Spec& spec, const TrainSettings& s) {
  if (spec.max_steps <= 0)
    throw Error("whole_episodes", spec.id + " has no time limit, and the GPU's memory is taken before an episode ends",
                "set whole_episodes=false, or use --device cpu");
  RolloutShape shape;
  shape.copies = s.copies;
  const std::int64_t share = (std::int64_t{s.episodes} + s.copies - 1) / s.copies;
  const std::int64_t steps = s.episodes > 0 ? share * spec.max_steps : std::int64_t{s.steps} - 1 + spec.max_steps;
  if (steps * s.copies > std::numeric_limits<int>::max())
    throw Error("whole_episodes", "up to " + std::to_string(steps * s.copies) + " rows in a rollout",
                "give fewer than 2³¹: lower copies, steps or episodes");
  shape.steps = static_cast<int>(steps);
  shape.finals = s.episodes > 0 ? static_cast<int>(share) : s.steps;
  set_sizes(spec, shape);
  return shape;
}

RolloutShape RolloutShape::of_episodes(const Spec& spec, const TrainSettings& s) {
  RolloutShape shape = of_tracks(spec, s);
  shape.episodes = shape.finals = shape.finals * shape.copies;
  shape.steps *= shape.copies;
  shape.copies = 1;
  return shape;
}

RolloutShape RolloutShape::of_run(const Spec& spec, const TrainSettings& s) {
  return s.whole_episodes ? of_episodes(spec, s) : of_steps(spec, s.steps, s.copies);
}

template <class T>
DeviceRollout<T>::DeviceRollout(const RolloutShape& shape)
    : steps(shape.steps),
      copies(shape.copies),
      observation_size(shape.features),
      action_size(shape.dimensions),
      finals(shape.finals),
      obs(at(rows()) * at(observation_size)),
      edge_obs(at(copies) * at(observation_size)),
      final_obs(at(copies) * at(finals) * at(observation_size)),
      index(action_size == 0 ? at(rows()) : 0),
      action(at(rows()) * at(action_size)),
      log_prob(at(rows())),
      reward(at(rows())),
      terminated(at(rows())),
      truncated(at(rows())),
      final_slot(at(rows())),
      finals_used(at(copies)),
      first_step(at(copies)),
      episode_return(at(rows())),
      episode_length(at(rows())),
      episode_begin(shape.episodes > 0 ? at(shape.episodes) + 1 : 0) {}

template <class T>
std::size_t DeviceRollout<T>::bytes(const RolloutShape& shape) {
  const auto e = at(shape.copies), f = at(shape.features), n = at(shape.steps) * e, d = at(shape.dimensions);
  return (n * (f + d + 2) + e * f * (1 + at(shape.finals))) * sizeof(T) + n * (2 + 8 + 4 + 4 + (d == 0) * 4) + e * 8 +
         (shape.episodes > 0 ? at(shape.episodes) + 1 : 0) * sizeof(std::int32_t);
}

template <class T>
Actions<T> DeviceRollout<T>::actions(int row) const {
  return action_size == 0 ? Actions<T>::discrete(index.data() + row) : Actions<T>::box(action.data() + row, rows());
}

template struct DeviceRollout<float>;
template struct DeviceRollout<double>;

}  // namespace pigrad
