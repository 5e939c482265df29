#include "boundary.hpp"

#include <algorithm>
#include <numeric>

#include "learner.hpp"

namespace pigrad {

template <class T>
Critic<T>::Critic(const Agent<T>& agent) : agent_(&agent) {
  if (agent.has_value()) states_ = std::make_unique<Pass>(agent.valuing());
  if (agent.values_actions()) actions_ = std::make_unique<Pass>(agent.valuing_actions());
}

template <class T>
void Critic<T>::run(Pass& pass, int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order, const T* time,
                    int threads, T* out) {
  pass.bindings.parameters(agent_->parameters());
  pass.bindings.input(0, obs, ld);
  if (agent_->sees_time()) pass.bindings.input(1, time, 0);
  pass.bindings.order(order);
  pass.bindings.output(0, out, rows);
  pass.bindings.rows(rows);
  RunOptions options;
  options.threads = threads;
  options.group = options_worth(threads, agent_->group(), rows, agent_->layout().size()).group;
  pass.workspace.run(pass.bindings, Sink<T>::none(), options);
  if (mean_ == 0 && deviation_ == 1) return;
  for (int r = 0; r < rows; ++r) out[r] = out[r] * static_cast<T>(deviation_) + static_cast<T>(mean_);
}

template <class T>
void Critic<T>::value(int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order, int threads, T* out,
                      const T* time) {
  run(*states_, rows, obs, ld, order, time, threads, out);
}

template <class T>
void Critic<T>::value(const Rollout<T>& rollout, int threads, T* out, const T* time, Handover<T>* handover) {
  const int rows = rollout.rows();
  if (handover) {
    handover->begin(rows);
    handover->give(states_->bindings, 0);
  }
  value(rows, rollout.obs.data(), rows, nullptr, threads, out, time);
  if (!handover) return;
  handover->release(states_->bindings);
  handover->given();
}

template <class T>
void Critic<T>::action_value(const Rollout<T>& rollout, int threads, T* out, const T* time) {
  const int action = agent_->valuing_actions().input("action");
  if (rollout.action_size == 0)
    actions_->bindings.index(action, rollout.index.data());
  else
    actions_->bindings.input(action, rollout.action.data(), rollout.rows());
  run(*actions_, rollout.rows(), rollout.obs.data(), rollout.rows(), nullptr, time, threads, out);
}

BoundaryRule::BoundaryRule(const BoundarySettings& settings)
    : edge(settings.edge == "last_reward" ? Edge::last_reward
           : settings.edge == "drop"      ? Edge::drop
                                          : Edge::bootstrap),
      edge_over_end(settings.edge_over_end),
      bootstrap_truncated(settings.truncation == "bootstrap") {}

template <class T>
After after(const Rollout<T>& rollout, const BoundaryRule& rule, int row) {
  return rule.after(rollout.ended(row), rollout.terminated[static_cast<std::size_t>(row)] != 0,
                    row >= rollout.rows() - rollout.copies);
}

template <class T>
void next_values(const Rollout<T>& rollout, const BoundarySettings& boundary, Critic<T>* critic, const T* value,
                 int threads, std::vector<T>& out, const T* time_after) {
  const BoundaryRule rule(boundary);
  const int copies = rollout.copies;
  const bool valued = critic && critic->has_value();
  out.assign(static_cast<std::size_t>(rollout.rows()), T(0));
  std::vector<std::int32_t> open, final;  // copies that go on beyond the edge; rows with an end's observation
  const int edge = rollout.rows() - copies;
  if (valued) std::copy(value + copies, value + rollout.rows(), out.begin());
  for (int row = 0; row < rollout.rows(); ++row) {
    if (row < edge && !rollout.ended(row)) continue;
    const After from = after(rollout, rule, row);
    const auto r = static_cast<std::size_t>(row);
    if (from != After::next_row) out[r] = from == After::reward ? rollout.reward[r] : T(0);
    if (from == After::next_obs) open.push_back(row - edge);
    if (from == After::final_obs) final.push_back(row);
  }
  if (!valued) return;
  std::vector<T> v(std::max(open.size(), final.size()));
  const auto value_of = [&](const std::vector<T>& obs, int ld, const std::vector<std::int32_t>& order, int first_row) {
    if (order.empty()) return;
    critic->value(static_cast<int>(order.size()), obs.data(), ld, order.data(), threads, v.data(),
                  time_after ? time_after + first_row : nullptr);
    for (std::size_t i = 0; i < order.size(); ++i) out[static_cast<std::size_t>(first_row + order[i])] = v[i];
  };
  value_of(rollout.edge_obs, copies, open, rollout.rows() - copies);
  value_of(rollout.final_obs, rollout.rows(), final, 0);
}

template <class T>
void learning_rows(const Rollout<T>& rollout, const BoundarySettings& boundary, std::vector<std::int32_t>& rows) {
  const bool drop = boundary.edge == "drop";
  if (!drop && std::find(rollout.valid.begin(), rollout.valid.end(), 0) == rollout.valid.end()) {
    rows.resize(static_cast<std::size_t>(rollout.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    return;
  }
  std::vector<char> unfinished(static_cast<std::size_t>(rollout.copies), drop ? 1 : 0);
  rows.clear();
  for (int t = rollout.steps - 1; t >= 0; --t)
    for (int e = rollout.copies - 1; e >= 0; --e) {
      const int row = rollout.row(t, e);
      auto& open = unfinished[static_cast<std::size_t>(e)];
      if (rollout.ended(row)) open = 0;
      if (!open && rollout.valid[static_cast<std::size_t>(row)]) rows.push_back(row);
    }
  std::reverse(rows.begin(), rows.end());
}

#define PIGRAD_INSTANTIATE(T)                                                                                       \
  template class Critic<T>;                                                                                         \
  template After after(const Rollout<T>&, const BoundaryRule&, int);                                                \
  template void next_values(const Rollout<T>&, const BoundarySettings&, Critic<T>*, const T*, int, std::vector<T>&, \
                            const T*);                                                                              \
  template void learning_rows(const Rollout<T>&, const BoundarySettings&, std::vector<std::int32_t>&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
