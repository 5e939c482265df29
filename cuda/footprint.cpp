#include "footprint.hpp"

#include <cstdio>

#include "estimates.hpp"
#include "normaliser.hpp"
#include "update.hpp"

namespace pigrad {
namespace {

std::string gibibytes(std::size_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

}  // namespace

template <class T>
int rows_of_a_run(const TrainSettings& s, const Spec& spec, const Descent<T>& descent, int ranks) {
  const int rows = RolloutShape::of_run(spec, s).rows();
  const bool whole = descent.of != Descent<T>::Of::both && s.source_metrics == "epoch";
  // A row that a minibatch would leave alone joins the one before it (Minibatches).
  const int most = whole || s.minibatch == 0 || s.minibatch >= rows ? rows : s.minibatch + 1;
  return descent.loss->row_mixing() ? most : DeviceGroup::most(most, ranks);
}

template <class T>
int steps_of_a_round(const TrainSettings& s, const Spec& spec, const Descent<T>& d) {
  using Of = typename Descent<T>::Of;
  const int rows = RolloutShape::of_run(spec, s).rows(), size = s.minibatch > 0 ? s.minibatch : rows;
  const int steps = d.of == Of::policy   ? s.policy.steps_per_minibatch
                    : d.of == Of::critic ? s.critic.steps_per_minibatch
                                         : 1;
  return (rows + size - 1) / size * d.passes * steps;
}

template <class T>
int records_of_a_round(const TrainSettings& s, const Spec& spec, const std::vector<Descent<T>>& descents) {
  int count = 1;
  for (const Descent<T>& d : descents) count += steps_of_a_round(s, spec, d) + 2;
  return count;
}

template <class T>
std::size_t device_footprint(const TrainSettings& s, const Agent<T>& agent, const std::vector<Descent<T>>& descents,
                             int ranks) {
  const int acting = ranks_that_act(s, ranks);
  const Spec& spec = agent.spec();
  const RolloutShape shape = RolloutShape::of_run(spec, s);
  std::size_t bytes = DeviceRollout<T>::bytes(shape);
  if (s.whole_episodes) bytes += DeviceTracks<T>::bytes(spec, s);
  bytes += DeviceCollector<T>::bytes(agent, s.steps, s.copies, s.observation.normalise, acting);
  bytes += DeviceEstimates<T>::bytes(s, agent, shape, acting);
  bytes += DeviceEpisodes<T>::bytes(shape.rows()) + static_cast<std::size_t>(shape.rows()) * sizeof(std::int32_t);
  bytes += DeviceRecords<T>::bytes(records_of_a_round(s, spec, descents));
  if (s.observation.normalise) bytes += DeviceObservationNormaliser<T>::bytes(shape.features, acting);
  if (s.reward.scale || s.reward.clip > 0) bytes += DeviceRewardScaler<T>::bytes(s.copies);
  for (const Descent<T>& d : descents)
    bytes += DeviceDescent<T>::bytes(d, rows_of_a_run(s, spec, d, ranks), steps_of_a_round(s, spec, d), ranks);
  bytes += (1 + sum_scratch(1)) * sizeof(double) + sizeof(DeviceVerdict) + sizeof(RoundNumbers);
  return bytes + static_cast<std::size_t>(agent.layout().size()) * sizeof(T);
}

template <class T>
void check_device_footprint(const TrainSettings& s, const Agent<T>& agent, const std::vector<Descent<T>>& descents,
                            std::size_t free, int ranks) {
  const std::size_t bytes = device_footprint(s, agent, descents, ranks);
  if (bytes <= free) return;
  throw Error("--device cuda",
              "this run takes " + gibibytes(bytes) + " of the device's memory, and " + gibibytes(free) + " are free",
              "lower copies, steps or minibatch, or narrow the networks");
}

#define PIGRAD_INSTANTIATE(T)                                                                                        \
  template int rows_of_a_run(const TrainSettings&, const Spec&, const Descent<T>&, int);                             \
  template int steps_of_a_round(const TrainSettings&, const Spec&, const Descent<T>&);                               \
  template int records_of_a_round(const TrainSettings&, const Spec&, const std::vector<Descent<T>>&);                \
  template std::size_t device_footprint(const TrainSettings&, const Agent<T>&, const std::vector<Descent<T>>&, int); \
  template void check_device_footprint(const TrainSettings&, const Agent<T>&, const std::vector<Descent<T>>&,        \
                                       std::size_t, int)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
