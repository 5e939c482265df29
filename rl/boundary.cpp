#include "boundary.hpp"

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

template <class T>
void next_values(const Rollout<T>& rollout, const BoundarySettings& boundary, Critic<T>* critic, const T* value,
                 int threads, std::vector<T>& out) {
  const int rows = rollout.rows(), copies = rollout.copies, edge_begin = rows - copies;
  out.resize(static_cast<std::size_t>(rows));
  const bool bootstrap_edge = critic && boundary.edge == "bootstrap";
  for (int row = 0; row < rows; ++row)
    out[static_cast<std::size_t>(row)] = critic && row < edge_begin && !rollout.ended(row) ? value[row + copies] : T(0);

  if (bootstrap_edge) {
    std::vector<T> edge(static_cast<std::size_t>(copies));
    critic->value(copies, rollout.edge_obs.data(), copies, nullptr, threads, edge.data());
    for (int e = 0; e < copies; ++e)
      if (!rollout.ended(edge_begin + e))
        out[static_cast<std::size_t>(edge_begin + e)] = edge[static_cast<std::size_t>(e)];
  }
  if (boundary.edge == "last_reward")
    for (int row = edge_begin; row < rows; ++row)
      if (!rollout.ended(row) || boundary.edge_over_end)
        out[static_cast<std::size_t>(row)] = rollout.reward[static_cast<std::size_t>(row)];

  if (!critic) return;
  std::vector<std::int32_t> finals;
  for (int row = 0; row < rows; ++row) {
    const bool cut_by_limit =
        rollout.truncated[static_cast<std::size_t>(row)] && !rollout.terminated[static_cast<std::size_t>(row)];
    const bool edge_rule = row >= edge_begin && boundary.edge_over_end && bootstrap_edge && rollout.ended(row);
    if (edge_rule || (cut_by_limit && boundary.truncation == "bootstrap")) finals.push_back(row);
  }
  if (finals.empty()) return;
  std::vector<T> final_value(finals.size());
  critic->value(static_cast<int>(finals.size()), rollout.final_obs.data(), rows, finals.data(), threads,
                final_value.data());
  for (std::size_t i = 0; i < finals.size(); ++i) out[static_cast<std::size_t>(finals[i])] = final_value[i];
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
  for (std::size_t i = 0, j = rows.size(); i + 1 < j; ++i) std::swap(rows[i], rows[--j]);
}

#define PIGRAD_INSTANTIATE(T)                                                                                        \
  template class Critic<T>;                                                                                          \
  template void next_values(const Rollout<T>&, const BoundarySettings&, Critic<T>*, const T*, int, std::vector<T>&); \
  template void learning_rows(const Rollout<T>&, const BoundarySettings&, std::vector<std::int32_t>&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
