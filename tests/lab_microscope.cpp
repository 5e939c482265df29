#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <pigrad/core/conjugate_gradients.hpp>
#include <pigrad/lab/microscope.hpp>
#include <pigrad/lab/policy_gradient.hpp>
#include <pigrad/lab/subject.hpp>
#include <pigrad/lab/tape_view.hpp>

using namespace pigrad;

namespace {

TrainSettings small(const std::string& environment, std::vector<int> hidden) {
  TrainSettings s;
  s.environment = environment;
  s.epochs = 2;
  s.steps = 300;
  s.policy.network.hidden = hidden;
  s.critic.network.hidden = {8};
  s.advantage.normalise = false;
  if (environment == "Pendulum-v1") s.policy.distribution.name = "gaussian";
  return s;
}

/// A float run of two epochs, opened, and one of its episodes.
struct Run {
  explicit Run(const TrainSettings& settings) : environments(Registry::builtin()) {
    algorithm = make_algorithm(settings, environments);
    algorithm->epoch(1), algorithm->epoch(1);
    algorithm->save(state);
    subject = opened(settings, state, environments);
    episode = episode_rows(*algorithm, *subject, state, 1, 5);
  }
  Registry environments;
  std::unique_ptr<Algorithm> algorithm;
  State state;
  std::unique_ptr<OnPolicy<double>> subject;
  EpisodeRows episode;
};

}  // namespace

TEST_CASE("a run opens in double with its own parameters, and its episodes are those of an evaluation") {
  Run run(small("CartPole-v1", {8}));
  for (const Segment& s : run.algorithm->layout().segments()) {
    const auto& values = run.state.floats(s.name);
    for (int i = 0; i < s.size(); ++i)
      CHECK(run.subject->agent().parameters().data(s.name)[i] ==
            static_cast<double>(values[static_cast<std::size_t>(i)]));
  }
  const auto all = episodes_rows(*run.algorithm, *run.subject, run.state, 6, 5);
  CHECK(all[1].rollout.obs == run.episode.rollout.obs);
  CHECK(all[1].rollout.index == run.episode.rollout.index);
  const auto watched = run.algorithm->settings();
  double mean = 0;
  TrainSettings again = watched;
  again.seed = 5;
  for (const EpisodeRows& e : all) mean += e.total / 6;
  Evaluation played;
  int ended = 0;
  Watch watch{.episodes = 6, .greedy = false, .seed = 5, .see = {}};
  watch.see = [&](const Moment& m) {
    if (m.terminated || m.truncated) played.mean += m.total / 6, ++ended;
    return true;
  };
  run.algorithm->watch(watch);
  CHECK(ended == 6);
  CHECK(mean == doctest::Approx(played.mean));
  CHECK(run.episode.rollout.terminated.back() + run.episode.rollout.truncated.back() == 1);
}

TEST_CASE("of a linear softmax policy the score is (e_a − π)sᵀ, and a step does what its slope says") {
  Run run(small("CartPole-v1", {}));
  Microscope microscope(*run.subject, run.state, run.episode.rollout);
  const Rollout<double>& r = run.episode.rollout;
  const std::vector<double> before(run.subject->agent().parameters().data(),
                                   run.subject->agent().parameters().data() + run.subject->layout().size());
  const int row = 3, last = r.rows() - 1;
  const StepView v = microscope.look(row, 1e-3, {0, last}, 3);
  CHECK(std::exp(v.log_prob) == doctest::Approx(v.policy[static_cast<std::size_t>(v.action[0])]).epsilon(1e-12));
  double squares = 0;
  for (int a = 0; a < 2; ++a) {
    const double factor = (v.action[0] == a ? 1 : 0) - v.policy[static_cast<std::size_t>(a)];
    for (int f = 0; f < 4; ++f) {
      const double expected = factor * v.observation[static_cast<std::size_t>(f)];
      CHECK(v.score[static_cast<std::size_t>(a * 4 + f)] == doctest::Approx(expected).epsilon(1e-12));
      squares += expected * expected;
    }
    CHECK(v.score[static_cast<std::size_t>(8 + a)] == doctest::Approx(factor).epsilon(1e-12));
    squares += factor * factor;
  }
  CHECK(v.norm == doctest::Approx(std::sqrt(squares)).epsilon(1e-12));
  CHECK(v.layers.size() == 1);
  CHECK(v.layers[0].value == doctest::Approx(v.norm));
  REQUIRE(v.largest.size() == 3);
  CHECK(std::abs(v.largest[0].value) >= std::abs(v.largest[2].value));
  CHECK(v.largest[0].name.find("policy.0.") == 0);

  REQUIRE(v.changes.size() == 3);
  CHECK(v.changes[2].row == last);
  const StepView smaller = microscope.look(row, 1e-4, {0, last}, 3);
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t a = 0; a < 2; ++a) {
      const double moved = v.changes[k].after[a] - v.changes[k].before[a];
      const double error = v.changes[k].after[a] - v.changes[k].first_order[a];
      const double smaller_error = smaller.changes[k].after[a] - smaller.changes[k].first_order[a];
      CHECK(std::abs(moved) > 1e-9);
      CHECK(std::abs(error) < 0.1 * std::abs(moved));
      CHECK(std::abs(smaller_error) < 0.02 * std::abs(error) + 1e-15);
    }
  CHECK(v.stepped_log_prob == doctest::Approx(v.first_order_log_prob).epsilon(1e-3));
  CHECK((v.stepped_log_prob > v.log_prob) == (v.weight > 0));
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(run.subject->agent().parameters().data()[i] == before[i]);
  CHECK_THROWS_AS(microscope.look(r.rows(), 1, {}), Error);
}

TEST_CASE("returns, values and advantages of an episode are the estimators'") {
  for (const char* environment : {"CartPole-v1", "Pendulum-v1"}) {
    TrainSettings s = small(environment, {8});
    s.lambda = 1;
    Run run(s);
    Microscope microscope(*run.subject, run.state, run.episode.rollout);
    const Rollout<double>& r = run.episode.rollout;
    const StepView last = microscope.look(r.rows() - 1, 1e-3, {}), first = microscope.look(0, 1e-3, {});
    double total = r.truncated.back() ? last.next_value : 0;
    if (r.terminated.back()) CHECK(last.next_value == 0);
    for (int t = r.rows(); t-- > 0;) total = r.reward[static_cast<std::size_t>(t)] + s.gamma * total;
    CHECK(first.return_to_go == doctest::Approx(total).epsilon(1e-10));
    CHECK(first.advantage == doctest::Approx(total - first.value).epsilon(1e-8));
    CHECK(first.weight == first.advantage);
    CHECK(first.layers.size() == (s.policy.distribution.name == "gaussian" ? 3 : 2));
  }
}

TEST_CASE("a table's gradient is the mean of its samples', and a column's weights are taken as they are") {
  Run run(small("Pendulum-v1", {8}));
  const Rollout<double>& r = run.episode.rollout;
  const std::vector<double> ones(static_cast<std::size_t>(r.rows()), 1.0);
  const PolicyGradient g = policy_gradient(*run.subject, run.state, run.subject->settings(), r, nullptr, true);
  const PolicyGradient scores = policy_gradient(*run.subject, run.state, run.subject->settings(), r, &ones, true);
  const std::size_t size = g.mean.size();
  std::vector<double> mean(size);
  for (std::size_t t = 0; t < ones.size(); ++t) {
    double squares = 0;
    for (std::size_t i = 0; i < size; ++i) {
      CHECK(std::abs(g.rows[t * size + i] - g.psi[t] * scores.rows[t * size + i]) <=
            1e-12 * (1 + std::abs(g.rows[t * size + i])));
      mean[i] += g.rows[t * size + i] / static_cast<double>(ones.size());
      squares += g.rows[t * size + i] * g.rows[t * size + i];
    }
    CHECK(g.norms[t] == doctest::Approx(std::sqrt(squares)));
  }
  for (std::size_t i = 0; i < size; ++i) CHECK(std::abs(g.mean[i] - mean[i]) <= 1e-11 * (1 + std::abs(mean[i])));
  CHECK(g.layers.back().name == "all");
  CHECK(g.layers.back().norm == doctest::Approx(std::sqrt(inner_product(g.mean, g.mean))));
  CHECK(g.value.size() == ones.size());
  CHECK(scores.value.empty());
}

TEST_CASE("an opened tape has every node's value and adjoint, and lies from left to right") {
  Run run(small("CartPole-v1", {8}));
  Microscope microscope(*run.subject, run.state, run.episode.rollout);
  const auto nodes = open_tape(microscope.program(), microscope.bind(4));
  const StepView v = microscope.look(4, 1e-3, {});
  std::map<int, std::size_t> at;
  for (std::size_t i = 0; i < nodes.size(); ++i) at[nodes[i].id] = i;
  for (const TapeNode& n : nodes) {
    if (n.op == "parameter") {
      const Segment& s = run.subject->layout().find(n.label);
      REQUIRE(n.adjoint.size() == static_cast<std::size_t>(s.size()));
      for (int i = 0; i < s.size(); ++i)
        CHECK(n.adjoint[static_cast<std::size_t>(i)] == v.score[static_cast<std::size_t>(s.offset + i)]);
    }
    if (n.label == "log_prob") CHECK(n.value.at(0) == doctest::Approx(v.log_prob));
  }
  CHECK(nodes.back().adjoint == std::vector<double>{1});
  const auto places = arrange_tape(nodes);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const int o : nodes[i].operands) CHECK(places[at.at(o)].layer < places[i].layer);
}
