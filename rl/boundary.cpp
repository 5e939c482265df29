#include "boundary.hpp"

#include <algorithm>

namespace pigrad {

template <class T>
Critic<T>::Critic(const Agent<T>& agent) : agent_(&agent), workspace_(agent.valuing()), bindings_(agent.valuing()) {}

template <class T>
void Critic<T>::value(int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order, int threads, T* out) {
  bindings_.parameters(agent_->parameters().data());
  bindings_.input(0, obs, ld);
  bindings_.order(order);
  bindings_.output(0, out, rows);
  bindings_.rows(rows);
  RunOptions options;
  options.threads = threads;
  workspace_.run(bindings_, Sink<T>::none(), options);
}

namespace {

/// Where the value after a row comes from.
enum class After { zero, reward, next_row, next_obs, final_obs };

template <class T>
After after(const Rollout<T>& rollout, const BoundarySettings& boundary, int row) {
  const bool ended = rollout.ended(row), edge = row >= rollout.rows() - rollout.copies;
  if (edge && (!ended || boundary.edge_over_end)) {
    if (boundary.edge == "last_reward") return After::reward;
    if (boundary.edge == "bootstrap") return ended ? After::final_obs : After::next_obs;
    if (!ended) return After::zero;
  }
  if (!ended) return After::next_row;
  const bool terminated = rollout.terminated[static_cast<std::size_t>(row)] != 0;
  return !terminated && boundary.truncation == "bootstrap" ? After::final_obs : After::zero;
}

}  // namespace

template <class T>
void next_values(const Rollout<T>& rollout, const BoundarySettings& boundary, Critic<T>* critic, const T* value,
                 int threads, std::vector<T>& out) {
  const int copies = rollout.copies;
  out.assign(static_cast<std::size_t>(rollout.rows()), T(0));
  std::vector<std::int32_t> open, final;  // copies that go on beyond the edge; rows with an end's observation
  for (int row = 0; row < rollout.rows(); ++row) {
    const After from = after(rollout, boundary, row);
    const auto r = static_cast<std::size_t>(row);
    if (from == After::reward) out[r] = rollout.reward[r];
    if (from == After::next_row && critic) out[r] = value[row + copies];
    if (from == After::next_obs) open.push_back(row % copies);
    if (from == After::final_obs) final.push_back(row);
  }
  if (!critic) return;
  std::vector<T> v(std::max(open.size(), final.size()));
  const auto value_of = [&](const std::vector<T>& obs, int ld, const std::vector<std::int32_t>& order, int first_row) {
    if (order.empty()) return;
    critic->value(static_cast<int>(order.size()), obs.data(), ld, order.data(), threads, v.data());
    for (std::size_t i = 0; i < order.size(); ++i) out[static_cast<std::size_t>(first_row + order[i])] = v[i];
  };
  value_of(rollout.edge_obs, copies, open, rollout.rows() - copies);
  value_of(rollout.final_obs, rollout.rows(), final, 0);
}

template <class T>
void learning_rows(const Rollout<T>& rollout, const BoundarySettings& boundary, std::vector<std::int32_t>& rows) {
  std::vector<char> unfinished(static_cast<std::size_t>(rollout.copies), boundary.edge == "drop" ? 1 : 0);
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

#define PIGRAD_INSTANTIATE(T)                                                                                        \
  template class Critic<T>;                                                                                          \
  template void next_values(const Rollout<T>&, const BoundarySettings&, Critic<T>*, const T*, int, std::vector<T>&); \
  template void learning_rows(const Rollout<T>&, const BoundarySettings&, std::vector<std::int32_t>&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
