#include "rollout_exchange.hpp"

#include "exchange.hpp"

namespace pigrad {
template <class T>
void RolloutExchange<T>::operator()(Group& group, Rollout<T>& r, const std::vector<Panel>& more, double* episode_return,
                                    std::int32_t* episode_length, const std::string& fault) {
  const int copies = r.copies, steps = r.steps, features = r.observation_size, rows = r.rows();
  panels_ = more;
  const auto add = [&](auto& values, int planes, int per_copy) {
    if (!values.empty())
      panels_.push_back({values.data(), sizeof(values[0]), planes, per_copy, std::ptrdiff_t{per_copy} * copies});
  };
  add(r.obs, features, steps);
  add(r.edge_obs, features, 1);
  add(r.index, 1, steps);
  add(r.action, r.action_size, steps);
  for (auto* values : {&r.log_prob, &r.reward}) add(*values, 1, steps);
  for (auto* values : {&r.terminated, &r.truncated, &r.valid}) add(*values, 1, steps);
  add(r.first_step, 1, 1);

  std::size_t of_copy = 0;
  for (const Panel& p : panels_) of_copy += p.element * static_cast<std::size_t>(p.planes * p.steps);
  std::vector<std::size_t> sizes;
  for (int rank = 0; rank < group.size(); ++rank)
    sizes.push_back(of_copy * static_cast<std::size_t>(Group::part(copies, rank, group.size()).size()));
  Exchange all(group, sizes, room_, fault);
  const auto each_run = [&](const Part& part, const auto& body) {
    for (const Panel& p : panels_)
      for (int plane = 0; plane < p.planes; ++plane)
        for (int t = 0; t < p.steps; ++t)
          body(static_cast<unsigned char*>(p.data) +
                   p.element * static_cast<std::size_t>(plane * p.stride + t * copies + part.begin),
               p.element * static_cast<std::size_t>(part.size()));
  };
  each_run(group.part(copies), [&](const unsigned char* at, std::size_t bytes) { all.put(at, bytes); });
  all.deliver();
  for (int rank = 0; rank < group.size(); ++rank) {
    if (rank == group.rank()) continue;
    all.open(rank);
    each_run(Group::part(copies, rank, group.size()),
             [&](unsigned char* at, std::size_t bytes) { all.take(at, bytes); });
  }

  std::vector<std::vector<int>> ended(static_cast<std::size_t>(group.size()));
  for (int row = 0; row < rows; ++row)
    if (r.ended(row)) ended[static_cast<std::size_t>(group.owner(row % copies, copies))].push_back(row);
  const std::size_t of_end = sizeof(T) * static_cast<std::size_t>(features) + sizeof(double) + sizeof(std::int32_t);
  sizes.clear();
  for (const auto& own : ended) sizes.push_back(of_end * own.size());
  Exchange ends(group, sizes, room_of_ends_);
  const auto each_end = [&](int rank, const auto& body) {
    for (const int row : ended[static_cast<std::size_t>(rank)]) {
      for (int f = 0; f < features; ++f)
        body(
            &r.final_obs[static_cast<std::size_t>(f) * static_cast<std::size_t>(rows) + static_cast<std::size_t>(row)]);
      body(episode_return + row);
      body(episode_length + row);
    }
  };
  each_end(group.rank(), [&](const auto* value) { ends.put(value); });
  ends.deliver();
  for (int rank = 0; rank < group.size(); ++rank) {
    if (rank == group.rank()) continue;
    ends.open(rank);
    each_end(rank, [&](auto* value) { ends.take(value); });
  }
}

template class RolloutExchange<float>;
template class RolloutExchange<double>;

}  // namespace pigrad
