#include "collector.hpp"

#include <algorithm>
#include <limits>

#include "../core/parallel.hpp"
#include "counts.hpp"
#include "exchange.hpp"

namespace pigrad {

template <class T>
Collector<T>::Collector(const Agent<T>& agent, VectorEnv<T>& env, std::uint64_t seed, ObservationNormaliser* normaliser)
    : agent_(&agent), env_(&env), normaliser_(normaliser), random_(seed, Purpose::action) {
  obs_.resize(static_cast<std::size_t>(agent.observation_size()) * static_cast<std::size_t>(env.copies()));
  env.reset(obs_.data(), env.copies());
  if (normaliser_ && normaliser_->every_step()) normaliser_->update(env.copies(), obs_.data(), env.copies());
}

template <class T>
void Collector<T>::restart() {
  const std::vector<std::uint8_t> all(static_cast<std::size_t>(env_->copies()), 1);
  env_->reset_where(all.data(), obs_.data(), env_->copies());
  if (normaliser_ && normaliser_->every_step()) normaliser_->update(env_->copies(), obs_.data(), env_->copies());
}

template <class T>
void Collector<T>::prepare(int steps, Rollout<T>& rollout) {
  const int copies = env_->copies();
  if (steps < 1 || steps > std::numeric_limits<int>::max() / copies)
    throw Error("collect", std::to_string(steps) + " steps of " + std::to_string(copies) + " copies",
                "give at least 1 step, and fewer than 2³¹ rows");
  rollout.resize(steps, copies, agent_->observation_size(), agent_->action_size());
  episode_return_.resize(static_cast<std::size_t>(rollout.rows()));
  episode_length_.resize(static_cast<std::size_t>(rollout.rows()));
  for (int e = 0; e < copies; ++e) rollout.first_step[static_cast<std::size_t>(e)] = env_->episode_length(e);
}

/// The rollout's first row: the present observations as the policy sees them.
template <class T>
void Collector<T>::begin_rows(int begin, int end, Rollout<T>& rollout) const {
  const int copies = rollout.copies, features = rollout.observation_size;
  if (normaliser_)
    return normaliser_->apply(end - begin, obs_.data() + begin, copies, rollout.obs.data() + begin, rollout.rows());
  for (int f = 0; f < features; ++f)
    std::copy(obs_.data() + f * copies + begin, obs_.data() + f * copies + end,
              rollout.obs.data() + static_cast<std::ptrdiff_t>(f) * rollout.rows() + begin);
}

/// What a step led to, as the policy sees it: ends by the statistics that the row itself was seen with, then the next
/// observations.
template <class T>
void Collector<T>::normalise_step(int begin, int end, int step, Rollout<T>& rollout) {
  const int row = step * rollout.copies;
  const std::ptrdiff_t ld = rollout.rows();
  const bool last = step + 1 == rollout.steps;
  for (int e = begin; e < end; ++e)
    if (rollout.ended(row + e)) {
      T* final_obs = rollout.final_obs.data() + row + e;
      normaliser_->apply(1, final_obs, ld, final_obs, ld);
    }
  const T* next = last ? obs_.data() : raw_.data() + row + rollout.copies;
  const std::ptrdiff_t next_ld = last ? rollout.copies : ld;
  T* seen = last ? rollout.edge_obs.data() : rollout.obs.data() + row + rollout.copies;
  if (normaliser_->every_step()) normaliser_->update(end - begin, next + begin, next_ld);
  normaliser_->apply(end - begin, next + begin, next_ld, seen + begin, next_ld);
}

template <class T>
void Collector<T>::run_copies(int begin, int end, Actor<T>& actor, Rollout<T>& rollout) {
  const int copies = rollout.copies;
  const std::ptrdiff_t ld = rollout.rows();
  begin_rows(begin, end, rollout);
  for (int t = 0; t < rollout.steps; ++t) {
    const int row = t * copies;
    const bool last = t + 1 == rollout.steps;
    const T* obs = rollout.obs.data() + row;
    std::int32_t* index = rollout.index.empty() ? nullptr : rollout.index.data() + row;
    T* action = rollout.action.empty() ? nullptr : rollout.action.data() + row;
    if (handover_) actor.hand_over(*handover_, row + begin);
    if (actor.judges()) actor.leave_statistics(statistics_.data() + row + begin, ld);
    actor.sample(end - begin, obs + begin, ld, random_, static_cast<std::uint32_t>(begin),
                 static_cast<std::uint64_t>(steps_done_ + t), index ? index + begin : nullptr,
                 action ? action + begin : nullptr, ld,
                 actor.judges() ? nullptr : rollout.log_prob.data() + row + begin);
    StepBuffers<T> out;
    out.obs = last ? obs_.data() : (normaliser_ ? raw_ : rollout.obs).data() + row + copies;
    out.obs_ld = last ? copies : ld;
    out.reward = rollout.reward.data() + row;
    out.terminated = rollout.terminated.data() + row;
    out.truncated = rollout.truncated.data() + row;
    out.final_obs = rollout.final_obs.data() + row;
    out.final_ld = ld;
    out.valid = rollout.valid.data() + row;
    out.episode_return = episode_return_.data() + row;
    out.episode_length = episode_length_.data() + row;
    env_->step_range(begin, end, index ? Actions<T>::discrete(index) : Actions<T>::box(action, ld), out);
    if (normaliser_) normalise_step(begin, end, t, rollout);
  }
  actor.leave_statistics(nullptr, 0);
}

/// ln π of rows [begin, end) of a rollout whose statistics were left.
template <class T>
void Collector<T>::judge_rows(int begin, int end, Actor<T>& actor, Rollout<T>& rollout) const {
  const std::ptrdiff_t ld = rollout.rows();
  actor.judge(end - begin, {statistics_.data() + begin, ld, 1}, rollout.action.data() + begin, ld,
              rollout.log_prob.data() + begin);
}

template <class T>
void Collector<T>::note_episodes(Rollout<T>& rollout) const {
  rollout.episodes.clear();
  for (int row = 0; row < rollout.rows(); ++row) {
    const auto r = static_cast<std::size_t>(row);
    if (rollout.ended(row) && rollout.valid[r])
      rollout.episodes.push_back({episode_return_[r], episode_length_[r], rollout.truncated[r] != 0});
  }
}

template <class T>
Actor<T>& Collector<T>::actor(int shard) {
  while (static_cast<int>(actors_.size()) <= shard) actors_.push_back(std::make_unique<Actor<T>>(*agent_));
  return *actors_[static_cast<std::size_t>(shard)];
}

template <class T>
void Collector<T>::collect(int steps, int threads, Rollout<T>& rollout) {
  prepare(steps, rollout);
  const int copies = env_->copies();
  const int least_copies = std::min(16, env_->copies_a_thread());
  const bool together = normaliser_ && normaliser_->every_step();
  const Part mine = own_copies();
  const int shards = together ? 1 : std::clamp(mine.size() / least_copies, std::min(1, mine.size()), threads);
  if (normaliser_) {
    raw_.resize(rollout.obs.size());
    for (int f = 0; f < rollout.observation_size; ++f)
      std::copy_n(obs_.data() + f * copies, copies, raw_.data() + static_cast<std::ptrdiff_t>(f) * rollout.rows());
  }
  actor(std::max(0, shards - 1));
  const bool judged = actor(0).judges();
  if (judged)
    statistics_.resize(static_cast<std::size_t>(agent_->distribution().statistics_columns()) * rollout.reward.size());
  if (handover_) handover_->begin(rollout.rows());
  const auto deal = [&](Part all, const auto& work) {
    parallel_for(shards, shards, [&](int i, int) {
      const Part part = Group::part(all.size(), i, shards);
      work(all.begin + part.begin, all.begin + part.end, actor(i));
    });
  };
  const auto judge = [&](int begin, int end, Actor<T>& own) { judge_rows(begin, end, own, rollout); };
  const auto run = [&] {
    deal(mine, [&](int begin, int end, Actor<T>& own) { run_copies(begin, end, own, rollout); });
    if (!judged) return;
    if (mine.size() == copies) return deal({0, rollout.rows()}, judge);
    for (int t = 0; t < steps; ++t) deal({t * copies + mine.begin, t * copies + mine.end}, judge);
  };
  if (dealt())
    exchange(rollout, fault_of(run));
  else
    run();
  if (handover_) handover_->given();
  steps_done_ += steps;
  if (normaliser_ && !together) normaliser_->update(rollout.rows(), raw_.data(), rollout.rows());
  if (!normaliser_) rollout.edge_obs = obs_;
  note_episodes(rollout);
}

template <class T>
void Collector<T>::exchange(Rollout<T>& rollout, const std::string& fault) {
  const int features = rollout.observation_size, copies = rollout.copies;
  std::vector<typename RolloutExchange<T>::Panel> more = {{obs_.data(), sizeof(T), features, 1, copies}};
  if (normaliser_) more.push_back({raw_.data(), sizeof(T), features, rollout.steps, rollout.rows()});
  exchange_(*group_, rollout, more, episode_return_.data(), episode_length_.data(), fault);
}

template <class T>
void Collector<T>::save(State& state) const {
  state.put("collector.steps", std::vector<std::int64_t>{steps_done_});
  state.put("collector.obs", obs_);
  std::vector<double> env = env_->save();
  if (dealt()) {
    std::vector<std::size_t> begins(1, 0);
    for (int rank = 0; rank < group_->size(); ++rank)
      begins.push_back(sizeof(double) * env_->saved_at(Group::part(env_->copies(), rank, group_->size()).end));
    group_->gather(env.data(), begins);
  }
  state.put("env", std::move(env));
}

template <class T>
void Collector<T>::load(const State& state) {
  steps_done_ = counts(state, "collector.steps", 1)[0];
  obs_ = state.reals<T>("collector.obs", static_cast<int>(obs_.size()));
  env_->load(state.doubles("env"));
}

template class Collector<float>;
template class Collector<double>;

}  // namespace pigrad
