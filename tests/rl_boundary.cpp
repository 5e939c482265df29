#include <doctest/doctest.h>

#include <pigrad/rl/boundary.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

enum Kind { inside, terminated, truncated };

// A rollout of observation (row + 1), final observation 100 + row, next observation after the edge 1000 + copy.
Rollout<double> rollout_of(int steps, int copies, const std::vector<Kind>& kinds) {
  Rollout<double> r;
  r.resize(steps, copies, 1, 0);
  for (int row = 0; row < r.rows(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    r.obs[i] = row + 1;
    r.final_obs[i] = 100 + row;
    r.reward[i] = 0.5 + row;
    r.terminated[i] = kinds[i] == terminated;
    r.truncated[i] = kinds[i] == truncated;
  }
  for (int e = 0; e < copies; ++e) r.edge_obs[static_cast<std::size_t>(e)] = 1000 + e;
  return r;
}

// V(s) = 2s + 3 exactly.
struct Line {
  Agent<double> agent;
  Critic<double> critic;
  static Spec spec() {
    Spec s;
    s.id = "line";
    s.observation = Space::box(1, -1e9, 1e9);
    s.action = Space::discrete(2);
    return s;
  }
  static CriticSettings settings() {
    CriticSettings c;
    c.kind = "linear";
    return c;
  }
  Line() : agent(make()), critic(agent) {
    agent.parameters().data("critic.0.weight")[0] = 2;
    agent.parameters().data("critic.0.bias")[0] = 3;
    agent.parameters().touch();
  }
  static Agent<double> make() {
    const CriticSettings c = settings();
    return Agent<double>(spec(), PolicySettings{}, &c, 1);
  }
};
double line(double s) { return 2 * s + 3; }

std::vector<double> next_of(const Rollout<double>& r, const BoundarySettings& boundary, bool with_critic) {
  Line l;
  std::vector<double> value(static_cast<std::size_t>(r.rows())), out;
  l.critic.value(r.rows(), r.obs.data(), r.rows(), nullptr, 1, value.data());
  next_values(r, boundary, with_critic ? &l.critic : nullptr, with_critic ? value.data() : nullptr, 1, out);
  return out;
}

BoundarySettings rules(const char* truncation, const char* edge, bool over_end) { return {truncation, edge, over_end}; }

}  // namespace

TEST_CASE("the value after each kind of row, by every rule") {
  // Copies: 0 goes on at the edge, 1 terminates on the last step, 2 is truncated on it, 3 has ends inside.
  const Rollout<double> r = rollout_of(3, 4,
                                       {inside, terminated, inside, truncated,  //
                                        inside, inside, truncated, terminated,  //
                                        inside, terminated, truncated, inside});
  for (const bool critic : {true, false})
    for (const char* truncation : {"bootstrap", "terminate"})
      for (const char* edge : {"bootstrap", "last_reward", "drop"})
        for (const bool over_end : {false, true}) {
          INFO(critic, ' ', truncation, ' ', edge, ' ', over_end);
          const std::string e = edge;
          const auto limit = [&](int row) { return critic && truncation[0] == 'b' ? line(100 + row) : 0.0; };
          const auto go_on = [&](int row) { return critic ? line(row + 4 + 1) : 0.0; };
          const auto cut = [&](int row) {
            return e == "last_reward" ? 0.5 + row : e == "bootstrap" && critic ? line(1000 + row % 4) : 0.0;
          };
          const auto ended_at_edge = [&](int row, double by_end) {
            if (!over_end || e == "drop") return by_end;
            if (e == "last_reward") return 0.5 + row;
            return critic ? line(100 + row) : by_end;
          };
          const std::vector<double> expected = {go_on(0),
                                                0,
                                                go_on(2),
                                                limit(3),  //
                                                go_on(4),
                                                go_on(5),
                                                limit(6),
                                                0,  //
                                                cut(8),
                                                ended_at_edge(9, 0),
                                                ended_at_edge(10, limit(10)),
                                                cut(11)};
          CHECK(next_of(r, rules(truncation, edge, over_end), critic) == expected);
        }
}

TEST_CASE("a row that is both terminated and truncated has ended by itself") {
  Rollout<double> r = rollout_of(2, 1, {terminated, terminated});
  r.truncated = {1, 1};
  CHECK(next_of(r, rules("bootstrap", "bootstrap", false), true) == std::vector<double>{0, 0});
}

TEST_CASE("rows that learn: valid ones in order, and under drop only those of ended episodes") {
  Rollout<double> r = rollout_of(4, 3,
                                 {inside, inside, terminated,  //
                                  truncated, inside, inside,   //
                                  inside, inside, inside,      //
                                  inside, inside, truncated});
  std::vector<std::int32_t> rows;
  const auto with = [&](const char* edge) {
    learning_rows(r, rules("bootstrap", edge, false), rows);
    return rows;
  };
  const std::vector<std::int32_t> all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  CHECK(with("bootstrap") == all);
  CHECK(with("last_reward") == all);
  CHECK(with("drop") == std::vector<std::int32_t>{0, 2, 3, 5, 8, 11});
  r.valid[5] = r.valid[0] = r.valid[10] = 0;
  CHECK(with("bootstrap") == std::vector<std::int32_t>{1, 2, 3, 4, 6, 7, 8, 9, 11});
  CHECK(with("drop") == std::vector<std::int32_t>{2, 3, 8, 11});
  r = rollout_of(3, 1, {inside, inside, inside});
  CHECK(with("drop").empty());
  r = rollout_of(3, 1, {inside, inside, terminated});
  CHECK(with("drop") == std::vector<std::int32_t>{0, 1, 2});
}
