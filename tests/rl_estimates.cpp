#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/reinforce.hpp>
#include <pigrad/rl/vpg.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

using Reals = std::vector<double>;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

const Registry& environments() {
  static const Registry registry = Registry::builtin();
  return registry;
}

TrainSettings episodes_of(const std::string& algorithm) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.scalar = "float64";
  s.whole_episodes = true;
  s.episodes = 7;
  s.copies = 3;
  s.policy.network.hidden = {8};
  s.critic.network.hidden = {8};
  s.advantage.estimator = "return_to_go";
  s.advantage.baseline = algorithm != "reinforce";
  s.boundary.truncation = "terminate";
  if (algorithm == "reinforce") s.boundary.edge = "drop";
  return s;
}

double metric(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics)
    if (key == name) return value;
  FAIL("there is no metric " << name);
  return 0;
}

double apart(const Reals& a, const Reals& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

template <class A>
Reals parameters_of(const A& a) {
  return {a.agent().parameters().data(), a.agent().parameters().data() + a.agent().parameters().size()};
}

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("dividing returns by the number of episodes cancels where they are normalised, and only there") {
  for (const char* scale : {"none", "returns"}) {
    TrainSettings s = episodes_of("vpg");
    s.critic.scale = scale;
    s.advantage.baseline = s.critic.scale == "returns";
    TrainSettings divided = s;
    divided.advantage.per_episode = true;
    Vpg<double> plain(s, environments()), by_episodes(divided, environments());
    for (int k = 0; k < 3; ++k) {
      plain.epoch(1);
      by_episodes.learn(plain.rollout());
      CHECK(apart(plain.advantages(), by_episodes.advantages()) < 1e-11);
      CHECK(plain.returns()[0] == doctest::Approx(7 * by_episodes.returns()[0]).epsilon(1e-13));
    }
    if (s.critic.scale == "returns") CHECK(apart(parameters_of(plain), parameters_of(by_episodes)) < 1e-11);
    divided.advantage.normalise = false;
    Vpg<double> raw(divided, environments());
    raw.learn(plain.rollout());
    CHECK(apart(plain.advantages(), raw.advantages()) > 0.1);
  }
}

TEST_CASE("the critic's scale: V is its output by the returns' deviation and mean, and its targets are standardised") {
  TrainSettings s = episodes_of("vpg");
  s.critic.scale = "returns";
  s.advantage.normalise = false;
  Vpg<double> a(s, environments());
  for (int k = 0; k < 2; ++k) {
    Parameters<double> before = a.agent().parameters();
    a.epoch(1);
    const Rollout<double>& r = a.rollout();
    const Moments m = moments(a.returns().data(), nullptr, r.rows(), false);
    Agent<double> then(a.agent().spec(), s.policy, &s.critic, 1);
    std::copy_n(before.data(), before.size(), then.parameters().data());
    then.parameters().touch();
    Reals output(at(r.rows()));
    Critic<double>(then).value(r.rows(), r.obs.data(), r.rows(), nullptr, 1, output.data());
    for (int i = 0; i < r.rows(); i += 5)
      CHECK(a.advantages()[at(i)] ==
            doctest::Approx(a.returns()[at(i)] - (output[at(i)] * m.deviation + m.mean)).epsilon(1e-12));
  }
  State state;
  a.save(state);
  Vpg<double> again(s, environments());
  again.load(state);
  a.epoch(1);
  again.epoch(2);
  CHECK(apart(parameters_of(a), parameters_of(again)) == 0);
}

TEST_CASE("the critic's scale: returns that are all equal leave its deviation as it was, and nothing fails") {
  TrainSettings s = episodes_of("vpg");
  s.environment = "ConstantReward-v0";
  s.gamma = 0;
  s.critic.scale = "returns";
  s.advantage.normalise = false;
  Vpg<double> a(s, environments());
  for (int k = 0; k < 3; ++k) a.epoch(1);
  for (const double g : a.returns()) CHECK(g == 1);
  for (const double x : parameters_of(a)) CHECK(std::isfinite(x));
}

TEST_CASE("the critic's scale: the value at a cut stays the one that the returns were made with") {
  TrainSettings s = episodes_of("vpg");
  s.environment = "ConstantReward-v0";
  s.gamma = 0.9;
  s.boundary.truncation = "bootstrap";
  s.critic.scale = "returns";
  s.advantage.estimator = "td_error";
  s.advantage.baseline = false;
  s.advantage.normalise = false;
  Vpg<double> a(s, environments());
  Agent<double> then(a.agent().spec(), s.policy, &s.critic, 1);
  std::copy_n(a.agent().parameters().data(), a.agent().parameters().size(), then.parameters().data());
  then.parameters().touch();
  a.epoch(1);
  const Rollout<double>& r = a.rollout();
  const Moments m = moments(a.returns().data(), nullptr, r.rows(), false);
  double raw = 0;
  Critic<double>(then).value(1, r.obs.data(), r.rows(), nullptr, 1, &raw);
  const double scaled = raw * m.deviation + m.mean;
  CHECK(std::abs(scaled - raw) > 1);
  for (int row = 0; row < r.rows(); ++row) {
    const double after = r.ended(row) ? raw : scaled;
    CHECK(a.advantages()[at(row)] == doctest::Approx(1 + s.gamma * after - scaled).epsilon(1e-12));
  }
}

TEST_CASE("which critic the advantages see") {
  TrainSettings s = episodes_of("vpg");
  s.advantage.normalise = false;
  s.critic.steps_per_minibatch = 4;
  s.critic.optimiser.learning_rate = 0.05;
  const auto psi = [&](const char* values, int steps) {
    TrainSettings t = s;
    t.advantage.values = values;
    t.critic.steps_per_minibatch = steps;
    Vpg<double> a(t, environments());
    a.epoch(1);
    return a.advantages();
  };
  CHECK(psi("rollout", 4) == psi("rollout", 1));
  CHECK(psi("last_step", 4) == psi("refitted", 3));
  CHECK(psi("last_step", 1) == psi("rollout", 4));
  CHECK(apart(psi("refitted", 4), psi("last_step", 4)) > 1e-3);
}

TEST_CASE("the γλ sum across ends, and the edge's value twice") {
  TrainSettings s = episodes_of("a2c");
  s.whole_episodes = false;
  s.episodes = 0;
  s.steps = 60;
  s.gamma = 0.9;
  s.lambda = 0.8;
  s.advantage.estimator = "gae";
  s.advantage.normalise = false;
  const auto run = [&](const char* sum, bool twice) {
    TrainSettings t = s;
    t.advantage.sum = sum;
    t.advantage.edge_twice = twice;
    A2c<double> a(t, environments());
    a.epoch(1);
    return std::pair{a.advantages(), a.rollout()};
  };
  const auto [cut, r] = run("cut", false);
  const auto across = run("across", false).first, twice = run("cut", true).first, both = run("across", true).first;
  TrainSettings t = s;
  A2c<double> a(t, environments());
  Critic<double> critic(a.agent());
  Reals edge(3);
  critic.value(3, r.edge_obs.data(), 3, nullptr, 1, edge.data());
  for (int e = 0; e < 3; ++e) {
    double carried = 0, extra = 0, extra_across = 0;
    bool open = true;
    for (int step = 59; step >= 0; --step) {
      const int row = step * 3 + e;
      const double delta = cut[at(row)] - (r.ended(row) || step == 59 ? 0 : 0.72 * cut[at(row + 3)]);
      carried = delta + 0.72 * carried;
      if (r.ended(row)) open = false;
      if (step == 59)
        extra = extra_across = open ? 0.9 * edge[at(e)] : 0;
      else
        extra *= 0.72, extra_across *= 0.72;
      CHECK(across[at(row)] == doctest::Approx(carried).epsilon(1e-12));
      CHECK(twice[at(row)] - cut[at(row)] == doctest::Approx(open ? extra : 0).epsilon(1e-9));
      CHECK(both[at(row)] == doctest::Approx(carried + extra_across).epsilon(1e-12));
    }
  }
}

TEST_CASE("Q of choices: V̂ is π's mean of Q, Ψ = Q − V̂ has mean 0 under π, and both kinds learn") {
  for (const char* kind : {"q", "q_action"}) {
    CAPTURE(kind);
    TrainSettings s = episodes_of("vpg");
    s.critic.kind = kind;
    s.critic.time = true;
    s.advantage.estimator = "q";
    s.advantage.normalise = false;
    s.boundary.truncation = "bootstrap";
    s.critic.target = "bellman";
    s.critic.gradient = "detached";
    s.critic.steps_per_minibatch = 5;
    Vpg<double> a(s, environments());
    const Rollout<double> data = [&] {
      Vpg<double> other(s, environments());
      other.epoch(1);
      return other.rollout();
    }();
    const int rows = data.rows();
    Actor<double> actor(a.agent());
    Critic<double> critic(a.agent());
    const auto log_probs = actor.statistics(rows, data.obs.data(), rows);
    Reals time(at(rows)), v(at(rows)), psi_mean(at(rows)), v_mean(at(rows));
    for (int row = 0, step = 0; row < rows; ++row) {
      time[at(row)] = step / 500.0;
      step = data.ended(row) ? 0 : step + 1;
    }
    critic.value(rows, data.obs.data(), rows, nullptr, 1, v.data(), time.data());
    for (int choice = 0; choice < 2; ++choice) {
      Rollout<double> all = data;
      std::fill(all.index.begin(), all.index.end(), choice);
      Reals q(at(rows));
      critic.action_value(all, 1, q.data(), time.data());
      Vpg<double> fresh(s, environments());
      fresh.learn(all);
      CHECK(apart(fresh.estimates().action_value(), q) == 0);
      for (int row = 0; row < rows; ++row) {
        const double chance = std::exp(log_probs.data[choice * log_probs.column_stride + row * log_probs.row_stride]);
        v_mean[at(row)] += chance * q[at(row)];
        psi_mean[at(row)] += chance * fresh.advantages()[at(row)];
      }
    }
    CHECK(apart(v, v_mean) < 1e-13);
    CHECK(apart(psi_mean, Reals(at(rows), 0.0)) < 1e-13);
    const Reals before = parameters_of(a);
    const Metrics first = a.learn(data);
    CHECK(metric(first, "train/value_loss_change") < 0);
    CHECK(apart(before, parameters_of(a)) > 1e-4);
  }
}

TEST_CASE("Q of continuous actions: Ψ is Q itself") {
  TrainSettings s;
  s.environment = "Target-v0";
  s.algorithm = "vpg";
  s.scalar = "float64";
  s.whole_episodes = true;
  s.episodes = 40;
  s.copies = 40;
  s.policy.distribution.name = "gaussian";
  s.critic.kind = "q_action";
  s.critic.network.hidden = {32};
  s.critic.optimiser.learning_rate = 0.01;
  s.critic.steps_per_minibatch = 20;
  s.advantage.estimator = "q";
  s.advantage.baseline = false;
  s.boundary = {"terminate", "drop", false};
  Vpg<double> a(s, environments());
  double first = 0, last = 0;
  for (int k = 0; k < 60; ++k) {
    const double explained = metric(a.epoch(1), "train/explained_variance");
    if (k == 0) first = explained;
    last = explained;
  }
  CHECK(first < 0.5);
  CHECK(last > 0.8);
}

TEST_CASE("the mean of the last hundred episodes goes on across epochs and after a checkpoint") {
  TrainSettings s = episodes_of("reinforce");
  s.episodes = 45;
  Reinforce<double> a(s, environments());
  Reals returns;
  for (int k = 0; k < 4; ++k) {
    if (k == 2) {
      State state;
      a.save(state);
      a.load(state);
    }
    const double mean = metric(a.epoch(1), "rollout/ep_rew_mean_100");
    for (const Episode& e : a.episodes()) returns.push_back(e.total);
    const std::size_t from = returns.size() > 100 ? returns.size() - 100 : 0;
    double sum = 0;
    for (std::size_t i = from; i < returns.size(); ++i) sum += returns[i];
    CHECK(mean == doctest::Approx(sum / static_cast<double>(returns.size() - from)).epsilon(1e-14));
  }
}

TEST_CASE("forms that do not go together say what, where and the cure") {
  using S = TrainSettings&;
  const auto said = [&](const std::function<void(S)>& change) {
    TrainSettings s = episodes_of("vpg");
    change(s);
    return message([&] { make_algorithm(s, environments()); });
  };
  CHECK(said([](S) {}) == "nothing was thrown");
  CHECK(said([](S s) {
          s.critic.target = "lambda";
          s.critic.gradient = "attached";
        }) ==
        "critic.gradient: attached, but a λ target holds the values of all later steps; use "
        "critic.gradient=frozen, or critic.target=n_step");
  CHECK(said([](S s) {
          s.critic.loss = "broadcast";
          s.critic.gradient = "detached";
        }).rfind("critic.gradient: detached, but the broadcast loss", 0) == 0);
  CHECK(said([](S s) {
          s.critic.loss = "broadcast";
          s.critic.loss_reduction = "sum";
        }).rfind("critic.loss_reduction: sum, but the broadcast loss", 0) == 0);
  CHECK(said([](S s) {
          s.critic.scale = "returns";
          s.critic.target = "n_step";
        }).rfind("critic.scale: returns, but the critic does not fit frozen returns", 0) == 0);
  CHECK(said([](S s) { s.advantage.estimator = "q"; }) ==
        "advantage.estimator: q needs Q(s, a), and critic.kind is mlp; set critic.kind to q or q_action");
  CHECK(said([](S s) { s.advantage.sum = "across"; }).rfind("advantage.sum: across is a fault of gae", 0) == 0);
  CHECK(said([](S s) {
          s.algorithm = "reinforce";
          s.advantage.baseline = false;
          s.boundary.edge = "drop";
          s.advantage.values = "refitted";
        }) == "advantage.values: refitted needs V(s), and this algorithm has no critic; use rollout");
  CHECK(said([](S s) {
          s.advantage.per_episode = true;
          s.advantage.estimator = "gae";
        }).rfind("advantage.per_episode: it divides returns", 0) == 0);
  CHECK(said([](S s) {
          s.advantage.per_episode = true;
          s.boundary.truncation = "bootstrap";
        }).rfind("advantage.per_episode: the critic would fit returns of one size", 0) == 0);
  CHECK(said([](S s) { s.whole_episodes = false; }) ==
        "episodes: it counts whole episodes; set whole_episodes=true, or episodes=0");
  CHECK(said([](S s) {
          s.environment = "Target-v0";
          s.critic.time = true;
        }) == "critic.time: Target-v0 has no time limit to divide by; set critic.time=false");
  const auto target = [&](const std::function<void(S)>& change) {
    return said([&](S s) {
      s.environment = "Target-v0";
      s.policy.distribution.name = "gaussian";
      change(s);
    });
  };
  CHECK(target([](S s) { s.critic.kind = "q"; }) ==
        "critic.kind: q has an output an action, and the actions of Target-v0 are continuous; use q_action, mlp or "
        "linear");
  CHECK(target([](S s) { s.critic.kind = "q_action"; })
            .rfind("critic.kind: q_action over the continuous actions of Target-v0 has no V̂ = Σ π Q, which "
                   "advantage.estimator other than q needs",
                   0) == 0);
  CHECK(target([](S s) {
          s.critic.kind = "q_action";
          s.advantage.estimator = "q";
        }).find("which advantage.baseline needs") != std::string::npos);
}
