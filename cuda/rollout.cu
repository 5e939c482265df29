#include <algorithm>

#include "../rl/counts.hpp"
#include "normaliser.hpp"
#include "persistent.hpp"
#include "rollout.hpp"
#include "sample.cuh"

namespace pigrad {
namespace {

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

/// add(member, planes, values a copy and plane) for all of a rollout that a collect fills in.
template <class T, class Add>
void each_panel(int features, int dimensions, int steps, int finals, const Add& add) {
  using R = DeviceRollout<T>;
  add(&R::obs, features, steps), add(&R::edge_obs, features, 1), add(&R::final_obs, features, finals);
  if (dimensions == 0)
    add(&R::index, 1, steps);
  else
    add(&R::action, dimensions, steps);
  add(&R::log_prob, 1, steps), add(&R::reward, 1, steps), add(&R::terminated, 1, steps);
  add(&R::truncated, 1, steps), add(&R::final_slot, 1, steps), add(&R::first_step, 1, 1);
  add(&R::episode_return, 1, steps), add(&R::episode_length, 1, steps);
}

/// What goes on in the copies.
template <class T>
std::vector<DeviceExchange::Panel> copy_panels(int fields, T* states, std::ptrdiff_t ld, int features, T* obs,
                                               int copies, const DeviceCounters& counters) {
  return std::vector{DeviceExchange::panel(states, fields, 1, ld), DeviceExchange::panel(obs, features, 1, copies),
                     DeviceExchange::panel(counters.length, 1, 1, copies),
                     DeviceExchange::panel(counters.total, 1, 1, copies),
                     DeviceExchange::panel(counters.episode, 1, 1, copies)};
}

/// The policy as one kernel plays it, if a block's shared memory holds what it computes.
template <class T>
std::optional<DevicePolicy> policy_that_fits(const Agent<T>& agent) {
  std::optional<DevicePolicy> policy = device_policy(agent);
  if (policy && !detail::PersistentShared<T>(*policy, most_shared_bytes()).fits) policy.reset();
  return policy;
}

struct Advance {
  std::uint64_t* counter;
  std::uint64_t by;
  PIGRAD_HD void operator()(long long) const { *counter += by; }
};

}  // namespace

template <class T>
DeviceCollector<T>::DeviceCollector(const Agent<T>& agent, int copies, int steps, std::uint64_t seed,
                                    DeviceObservationNormaliser<T>* normaliser, bool persistent, int ranks)
    : agent_(&agent),
      normaliser_(normaliser),
      chain_(persistent && !normaliser ? policy_that_fits(agent) : std::nullopt),
      env_(make_device_env<T>(agent.spec(), copies)),
      policy_(agent.acting(), DeviceGroup::most(copies, ranks)),
      obs_(at(std::ptrdiff_t{copies} * agent.observation_size())),
      raw_(normaliser ? obs_.size() * at(steps) : 0),
      random_(seed, Purpose::action),
      begun_(std::vector<std::uint64_t>(1)),
      part_{0, copies} {}

template <class T>
std::size_t DeviceCollector<T>::bytes(const Agent<T>& agent, int steps, int copies, bool normalises, int ranks) {
  std::size_t shared = 0;
  if (ranks > 1) {
    const int features = agent.observation_size();
    const RolloutShape shape = RolloutShape::of_steps(agent.spec(), steps, copies);
    std::vector<DeviceExchange::Panel> of_rollout;
    each_panel<T>(features, shape.dimensions, steps, shape.finals,
                  [&]<class V>(DeviceArray<V> DeviceRollout<T>::*, int planes, int of_copy) {
                    of_rollout.push_back(DeviceExchange::panel<V>(nullptr, planes, of_copy, 0));
                  });
    const auto of_copies =
        copy_panels<T>(device_env_state_size<T>(agent.spec()), nullptr, 0, features, nullptr, copies, {});
    shared = DeviceExchange::bytes(ranks, copies, of_rollout) + DeviceExchange::bytes(ranks, copies, of_copies);
  }
  const std::size_t panel = at(copies) * at(agent.observation_size()) * sizeof(T);
  return device_env_bytes<T>(agent.spec(), copies) +
         DeviceWorkspace<T>::bytes(agent.acting(), DeviceGroup::most(copies, ranks)) +
         panel * (1 + (normalises ? at(steps) : 0)) + sizeof(std::uint64_t) + shared;
}

/// The rollout's first row: the present observations as the policy sees them.
template <class T>
void DeviceCollector<T>::begin_rows(DeviceRollout<T>& rollout) {
  const int copies = rollout.copies;
  const std::ptrdiff_t ld = rollout.rows();
  T* first = (normaliser_ ? raw_ : rollout.obs).data();
  for (int f = 0; f < rollout.observation_size; ++f)
    detail::copy_on_device(first + f * ld, obs_.data() + std::ptrdiff_t{f} * copies, at(copies) * sizeof(T));
  if (normaliser_)
    normaliser_->apply(part_.size(), raw_.data() + part_.begin, ld, rollout.obs.data() + part_.begin, ld);
}

/// What a step led to, as the policy sees it: see Collector.
template <class T>
void DeviceCollector<T>::normalise_step(int step, DeviceRollout<T>& rollout) {
  const int copies = rollout.copies, row = step * copies;
  const std::ptrdiff_t ld = rollout.rows();
  const bool last = step + 1 == rollout.steps;
  normaliser_->apply_to(rollout.final_slot.data() + row + part_.begin, part_.size(), rollout.final_obs.data(),
                        std::ptrdiff_t{copies} * rollout.finals);
  const T* next = last ? obs_.data() : raw_.data() + row + copies;
  const std::ptrdiff_t next_ld = last ? copies : ld;
  if (normaliser_->every_step()) normaliser_->update(copies, next, next_ld);
  T* out = last ? rollout.edge_obs.data() : rollout.obs.data() + row + copies;
  normaliser_->apply(part_.size(), next + part_.begin, next_ld, out + part_.begin, next_ld);
}

template <class T>
void DeviceCollector<T>::sample(const T* obs, std::ptrdiff_t obs_ld, DeviceRollout<T>& rollout, int step) {
  const int row = step * rollout.copies;
  policy_.input(0, obs + part_.begin, obs_ld);
  policy_.rows(part_.size(), rollout.copies);
  policy_.run();
  const bool discrete = rollout.action_size == 0;
  for_each_index(
      "sample", part_.size(),
      detail::SampleCopy<T>{policy_.output("statistics"), agent_->distribution().actions(), random_, begun_.data(),
                            static_cast<std::uint64_t>(step), discrete ? rollout.index.data() + row : nullptr,
                            discrete ? nullptr : rollout.action.data() + row, rollout.rows(),
                            rollout.log_prob.data() + row, part_.begin});
}

/// Of the step whose first row that is.
template <class T>
DeviceStepBuffers<T> DeviceCollector<T>::buffers_at(DeviceRollout<T>& rollout, int row) {
  DeviceStepBuffers<T> out;
  out.reward = rollout.reward.data() + row;
  out.terminated = rollout.terminated.data() + row;
  out.truncated = rollout.truncated.data() + row;
  out.episode_return = rollout.episode_return.data() + row;
  out.episode_length = rollout.episode_length.data() + row;
  out.final_obs = rollout.final_obs.data();
  out.final_ld = std::ptrdiff_t{rollout.copies} * rollout.finals;
  out.final_slot = rollout.final_slot.data() + row;
  out.finals_used = rollout.finals_used.data();
  out.finals = rollout.finals;
  return out;
}

template <class T>
void DeviceCollector<T>::collect_at_once(const T* parameters, DeviceRollout<T>& rollout) {
  PersistentCall<T> call;
  call.policy = *chain_;
  call.parameters = parameters;
  call.random = random_;
  call.begun = begun_.data();
  call.steps = rollout.steps;
  call.copies = rollout.copies;
  call.features = rollout.observation_size;
  call.obs = rollout.obs.data();
  call.next = obs_.data();
  call.log_prob = rollout.log_prob.data();
  call.out = buffers_at(rollout, 0);
  if (chain_->discrete) {
    call.index = rollout.index.data();
  } else {
    call.action = rollout.action.data();
    policy_.input(0, rollout.obs.data(), rollout.rows());
    policy_.rows(1);
    policy_.run();
    call.log_std = policy_.output("statistics");
    call.log_std.data += chain_->actions * call.log_std.column_stride;
  }
  env_->rollout(call);
}

template <class T>
void DeviceCollector<T>::collect_by_steps(DeviceRollout<T>& rollout) {
  const int copies = rollout.copies;
  const std::ptrdiff_t ld = rollout.rows();
  for (int t = 0; t < rollout.steps; ++t) {
    const int row = t * copies;
    const bool last = t + 1 == rollout.steps;
    sample(rollout.obs.data() + row, ld, rollout, t);
    DeviceStepBuffers<T> out = buffers_at(rollout, row);
    out.obs = last ? obs_.data() : (normaliser_ ? raw_ : rollout.obs).data() + row + copies;
    out.obs_ld = last ? copies : ld;
    out.keeps_ends = last;
    env_->step(rollout.actions(row), out);
    if (normaliser_) normalise_step(t, rollout);
  }
}

template <class T>
void DeviceCollector<T>::collect(const T* parameters, DeviceRollout<T>& rollout) {
  const int copies = rollout.copies;
  const std::ptrdiff_t ld = rollout.rows();
  policy_.parameters(parameters);
  begin_rows(rollout);
  detail::copy_on_device(rollout.first_step.data(), env_->lengths(), at(copies) * sizeof(std::int32_t));
  detail::clear_on_device(rollout.finals_used.data(), at(copies) * sizeof(std::int32_t));
  if (chain_)
    collect_at_once(parameters, rollout);
  else
    collect_by_steps(rollout);
  for_each_index("steps", 1, Advance{begun_.data(), static_cast<std::uint64_t>(rollout.steps)});
  if (!normaliser_) detail::copy_on_device(rollout.edge_obs.data(), obs_.data(), obs_.size() * sizeof(T));
  if (normaliser_ && !normaliser_->every_step()) normaliser_->update(rollout.rows(), raw_.data(), ld);
  if (of_rollout_) of_rollout_->run();
}

template <class T>
void DeviceCollector<T>::share(DeviceGroup& group, DeviceRollout<T>& rollout) {
  const int copies = env_->copies();
  part_ = group.part(copies);
  env_->deal(part_);
  std::vector<DeviceExchange::Panel> panels;
  each_panel<T>(rollout.observation_size, rollout.action_size, rollout.steps, rollout.finals,
                [&](auto member, int planes, int of_copy) {
                  panels.push_back(DeviceExchange::panel((rollout.*member).data(), planes, of_copy,
                                                         std::ptrdiff_t{of_copy} * copies));
                });
  of_rollout_ = std::make_unique<DeviceExchange>(group, copies, std::move(panels));
  of_copies_ = std::make_unique<DeviceExchange>(
      group, copies,
      copy_panels<T>(env_->state_size(), env_->states(), env_->states_ld(), agent_->observation_size(), obs_.data(),
                     copies, env_->counters()));
}

template <class T>
void DeviceCollector<T>::gather() const {
  if (of_copies_) of_copies_->run();
}

template <class T>
void DeviceCollector<T>::collect_episodes(const T* parameters, DeviceTracks<T>& tracks, DeviceRollout<T>& rollout) {
  constexpr int steps_between_looks = 64;
  DeviceRollout<T>& rows = tracks.rows;
  const int copies = rows.copies;
  const std::ptrdiff_t ld = rows.rows();
  restart();
  tracks.begin();
  policy_.parameters(parameters);
  for (int t = 0; t < rows.steps && (t % steps_between_looks > 0 || !tracks.are_done()); ++t) {
    const int row = t * copies;
    for (int f = 0; f < rows.observation_size; ++f)
      detail::copy_on_device(rows.obs.data() + f * ld + row, obs_.data() + std::ptrdiff_t{f} * copies,
                             at(copies) * sizeof(T));
    sample(obs_.data(), copies, rows, t);
    DeviceStepBuffers<T> out = buffers_at(rows, row);
    out.obs = obs_.data();
    out.obs_ld = copies;
    out.keeps_ends = true;
    out.playing = tracks.playing.data();
    env_->step(rows.actions(row), out);
    tracks.count(t);
  }
  const int longest = tracks.join(rollout);
  for_each_index("steps", 1, Advance{begun_.data(), static_cast<std::uint64_t>(longest)});
}

template <class T>
void DeviceCollector<T>::restart() {
  env_->restart();
  env_->observe(obs_.data(), env_->copies());
  if (normaliser_ && normaliser_->every_step()) normaliser_->update(env_->copies(), obs_.data(), env_->copies());
}

template <class T>
void DeviceCollector<T>::save(State& state) const {
  state.put("collector.steps", std::vector<std::int64_t>{static_cast<std::int64_t>(begun_.download()[0])});
  state.put("collector.obs", obs_.download());
  state.put("env", env_->save());
}

template <class T>
void DeviceCollector<T>::load(const State& state) {
  const std::vector<std::uint64_t> begun = {static_cast<std::uint64_t>(counts(state, "collector.steps", 1)[0])};
  begun_.upload(begun.data());
  obs_.upload(state.reals<T>("collector.obs", static_cast<int>(obs_.size())).data());
  env_->load(state.doubles("env"));
}

template class DeviceCollector<float>;
template class DeviceCollector<double>;

}  // namespace pigrad
