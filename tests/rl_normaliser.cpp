#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <pigrad/core/random.hpp>
#include <pigrad/rl/evaluate.hpp>
#include <pigrad/rl/ppo.hpp>

#include "rl_bits.hpp"

using namespace pigrad_test;

namespace {

TrainSettings settings(const std::string& statistics, const std::string& scalar, int copies) {
  TrainSettings s;
  s.algorithm = "ppo";
  s.environment = "CartPole-v1";
  s.scalar = scalar;
  s.seed = 9;
  s.copies = copies;
  s.steps = 240 / copies;
  s.epochs = 8;
  s.minibatch = 60;
  s.advantage.epsilon = 1e-8;
  s.policy.network.hidden = s.critic.network.hidden = {10};
  s.ppo.passes = 2;
  s.observation.normalise = true;
  s.observation.statistics = statistics;
  s.reward.scale = true;
  s.reward.clip = 10;
  return s;
}

double number(int i) { return Random(4, Purpose::test).normal<double>(0, static_cast<std::uint64_t>(i)); }

}  // namespace

TEST_CASE("batches of any size add up to the moments of all values in two passes") {
  constexpr int features = 3, rows = 500;
  std::vector<double> data(features * rows);
  for (int f = 0; f < features; ++f)
    for (int r = 0; r < rows; ++r)
      data[static_cast<std::size_t>(f * rows + r)] = (f == 2 ? 1e6 : f) + (f + 0.5) * number(f * rows + r);
  ObservationNormaliser normaliser(features, {});
  for (int begin = 0, size = 1; begin < rows; begin += size, size = size % 37 + 5)
    normaliser.update(std::min(size, rows - begin), data.data() + begin, rows);
  for (int f = 0; f < features; ++f) {
    INFO("feature ", f);
    const double* x = data.data() + f * rows;
    double mean = 0, squares = 0;
    for (int r = 0; r < rows; ++r) mean += x[r] / rows;
    for (int r = 0; r < rows; ++r) squares += (x[r] - mean) * (x[r] - mean);
    // The 1e-4 values of mean 0 and variance 1 that it begins with.
    const double all = rows + 1e-4, expected_mean = mean * rows / all;
    const double expected_variance = (squares + 1e-4 + mean * mean * 1e-4 * rows / all) / all;
    const RunningMoments& m = normaliser.moments()[static_cast<std::size_t>(f)];
    CHECK(m.count == doctest::Approx(all).epsilon(1e-14));
    CHECK(m.mean == doctest::Approx(expected_mean).epsilon(1e-13));
    CHECK(m.variance == doctest::Approx(expected_variance).epsilon(1e-10));
  }
  std::vector<double> out(data.size());
  normaliser.apply(rows, data.data(), rows, out.data(), rows);
  for (int f = 0; f < 2; ++f) {
    const RunningMoments& m = normaliser.moments()[static_cast<std::size_t>(f)];
    const auto last = static_cast<std::size_t>(f * rows + rows - 1);
    CHECK(out[last] == doctest::Approx((data[last] - m.mean) / std::sqrt(m.variance + 1e-8)).epsilon(1e-14));
  }
  const double far[] = {1e9, -1e9, -1e9};
  double ends[3];
  normaliser.apply(1, far, 1, ends, 1);
  CHECK(ends[0] == 10);
  CHECK(ends[1] == -10);
}

TEST_CASE("a rollout holds what the policy saw: step by step, by arithmetic of the test's own") {
  const Registry environments = Registry::builtin();
  for (const bool every_step : {true, false}) {
    INFO("statistics move with each step: ", every_step);
    ObservationSettings choice;
    choice.statistics = every_step ? "step" : "rollout";
    constexpr int copies = 3, steps = 90;
    Agent<double> agent(environments.spec("CartPole-v1"), PolicySettings{}, nullptr, 3);
    const auto env = environments.make<double>("CartPole-v1", copies, 11),
               twin = environments.make<double>("CartPole-v1", copies, 11);
    ObservationNormaliser normaliser(4, choice);
    Collector<double> collector(agent, *env, 12, &normaliser);

    std::vector<double> obs(4 * copies), next(obs), final_obs(obs), reward(copies), seen;
    std::vector<std::uint8_t> terminated(copies), truncated(copies);
    twin->reset(obs.data(), copies);
    for (const double x : obs) seen.push_back(x);
    StepBuffers<double> out;
    out.obs = next.data();
    out.obs_ld = out.final_ld = copies;
    out.reward = reward.data();
    out.terminated = terminated.data();
    out.truncated = truncated.data();
    out.final_obs = final_obs.data();
    // `batches` holds each panel that statistics have taken in; moments are found anew from all of them.
    std::vector<std::vector<double>> batches, waiting;
    if (every_step) batches.push_back(obs);
    const auto normalised = [&](double x, int f) {
      double n = 1e-4, sum = 0;
      for (const auto& b : batches)
        for (int c = 0; c < copies; ++c) sum += b[static_cast<std::size_t>(f * copies + c)], n += 1;
      const double mean = sum / n;
      double squares = 1e-4 * (1 + mean * mean);
      for (const auto& b : batches)
        for (int c = 0; c < copies; ++c) squares += std::pow(b[static_cast<std::size_t>(f * copies + c)] - mean, 2);
      return std::clamp((x - mean) / std::sqrt(squares / n + 1e-8), -10.0, 10.0);
    };
    int ends = 0;
    for (int round = 0; round < 2; ++round) {
      Rollout<double> r;
      collector.collect(steps, 2, r);
      double apart = 0;
      const auto compare = [&](const std::vector<double>& panel, int ld, int column, const std::vector<double>& raw,
                               int c) {
        for (int f = 0; f < 4; ++f)
          apart = std::max(apart, std::abs(panel[static_cast<std::size_t>(f * ld + column)] -
                                           normalised(raw[static_cast<std::size_t>(f * copies + c)], f)));
      };
      for (int t = 0; t < steps; ++t) {
        for (int c = 0; c < copies; ++c) compare(r.obs, r.rows(), r.row(t, c), obs, c);
        if (!every_step) waiting.push_back(obs);
        twin->step(1, Actions<double>::discrete(r.index.data() + r.row(t, 0)), out);
        for (int c = 0; c < copies; ++c)
          if (r.ended(r.row(t, c))) {
            compare(r.final_obs, r.rows(), r.row(t, c), final_obs, c);
            ++ends;
          }
        if (every_step) batches.push_back(next);
        obs = next;
      }
      for (int c = 0; c < copies; ++c) compare(r.edge_obs, copies, c, obs, c);
      batches.insert(batches.end(), waiting.begin(), waiting.end());
      waiting.clear();
      CHECK(apart < 1e-9);
    }
    CHECK(ends > 4);
  }
}

TEST_CASE("rewards are divided by the running deviation of the discounted return, and clipped") {
  constexpr int copies = 2, steps = 60;
  constexpr double gamma = 0.9;
  RewardSettings choice;
  choice.scale = true;
  choice.clip = 0.8;
  RewardScaler scaler(copies, gamma, choice);
  std::vector<double> seen, running(copies);
  int clipped = 0;
  for (int round = 0; round < 2; ++round) {
    Rollout<double> r;
    r.resize(steps, copies, 1, 0);
    for (int i = 0; i < r.rows(); ++i) {
      r.reward[static_cast<std::size_t>(i)] = 0.4 + 2 * number(1000 * round + i);
      r.terminated[static_cast<std::size_t>(i)] = i % 17 == 0;
      r.truncated[static_cast<std::size_t>(i)] = i % 23 == 0;
    }
    const std::vector<double> raw = r.reward;
    scaler.apply(r);
    for (int t = 0; t < steps; ++t) {
      for (int c = 0; c < copies; ++c) {
        double& sum = running[static_cast<std::size_t>(c)];
        sum = gamma * sum + raw[static_cast<std::size_t>(r.row(t, c))];
        seen.push_back(sum);
      }
      double mean = 0, squares = 0;
      const double n = static_cast<double>(seen.size()) + 1e-4;
      for (const double x : seen) mean += x / n;
      for (const double x : seen) squares += (x - mean) * (x - mean);
      squares += 1e-4 * (1 + mean * mean);
      for (int c = 0; c < copies; ++c) {
        const auto row = static_cast<std::size_t>(r.row(t, c));
        const double expected = raw[row] / std::sqrt(squares / n + 1e-8);
        CHECK(r.reward[row] == doctest::Approx(std::clamp(expected, -0.8, 0.8)).epsilon(1e-10));
        clipped += std::abs(expected) > 0.8;
        if (r.terminated[row] || r.truncated[row]) running[static_cast<std::size_t>(c)] = 0;
      }
    }
  }
  CHECK(clipped > 3);

  RewardSettings only_clip;
  only_clip.clip = 1;
  Rollout<float> r;
  r.resize(1, 3, 1, 0);
  r.reward = {-4, 0.25F, 2};
  RewardScaler(3, 0.9, only_clip).apply(r);
  CHECK(r.reward == std::vector<float>{-1, 0.25F, 1});
}

TEST_CASE("normalised training has the same bits for 1, 2 and 3 threads, and after save and load") {
  const Registry environments = Registry::builtin();
  for (const char* statistics : {"step", "rollout"})
    for (const char* scalar : {"float32", "float64"}) {
      INFO(std::string(statistics), " ", std::string(scalar));
      const TrainSettings s = settings(statistics, scalar, 40);
      const auto whole = make_algorithm(s, environments);
      const std::string first = train(*whole, 2, 1);
      State state;
      whole->save(state);
      const std::string second = train(*whole, 2, 1);
      const Evaluation evaluation = whole->evaluate(20, true, 1);
      for (const int threads : {2, 3}) {
        const auto again = make_algorithm(s, environments);
        CHECK(train(*again, 4, threads) == first + second);
        CHECK(file_bytes(*again) == file_bytes(*whole));
      }
      const auto resumed = make_algorithm(s, environments);
      resumed->load(state);
      CHECK(train(*resumed, 2, 2) == second);
      CHECK(file_bytes(*resumed) == file_bytes(*whole));
      CHECK(resumed->evaluate(20, true, 3).mean == evaluation.mean);
    }
}

TEST_CASE("evaluation shows the policy normalised observations") {
  const Registry environments = Registry::builtin();
  TrainSettings s = settings("step", "float64", 4);
  Ppo<double> trained(s, environments);
  train(trained, 6, 1);
  const double right = trained.evaluate(100, true, 1).mean;
  Agent<double> blind(environments.spec("CartPole-v1"), s.policy, &s.critic, 9);
  std::copy_n(trained.agent().parameters().data(), blind.parameters().size(), blind.parameters().data());
  blind.parameters().touch();
  const double wrong = evaluate(blind, environments, "CartPole-v1", 100, true, 9, 1).mean;
  CHECK(right != wrong);
  blind.normalise(s.observation);
  State state;
  trained.save(state);
  blind.normaliser()->load(state);
  CHECK(right == evaluate(blind, environments, "CartPole-v1", 100, true, 9, 2).mean);
}

TEST_CASE("episodes' returns stay as the environment gave them") {
  const Registry environments = Registry::builtin();
  Ppo<double> a(settings("step", "float64", 4), environments);
  a.epoch(1);
  REQUIRE(a.episodes().size() > 2);
  for (const Episode& e : a.episodes()) CHECK(e.total == e.length);
  CHECK(a.rollout().reward[200] != 1);
}

TEST_CASE_TEMPLATE("a loop of one's own sees and learns the same bits", T, float, double) {
  const Registry environments = Registry::builtin();
  for (const char* statistics : {"step", "rollout"})
    for (const int copies : {1, 3}) {
      const TrainSettings s = settings(statistics, sizeof(T) == 4 ? "float32" : "float64", copies);
      const Spec& spec = environments.spec(s.environment);
      if (copies > 1 && s.observation.statistics == "step") {
        CHECK_THROWS_WITH(Ppo<T>(s, spec),
                          "observation.statistics: with each step they need all 3 copies, which step apart in this "
                          "loop; set observation.statistics=rollout, or copies=1");
        continue;
      }
      INFO(std::string(statistics), " × ", copies);
      Ppo<T> ours(s, environments), theirs(s, spec);
      const std::string expected = train(ours, 3, 1);
      const auto env = environments.make<T>(s.environment, copies, 9);
      const auto n = static_cast<std::size_t>(copies);
      std::vector<T> obs(4 * n), final_obs(obs), reward(n), one(4);
      std::vector<std::int32_t> index(n);
      std::vector<std::uint8_t> terminated(n), truncated(n);
      env->reset(obs.data(), copies);
      StepBuffers<T> out;
      out.obs = obs.data();
      out.obs_ld = out.final_ld = copies;
      out.reward = reward.data();
      out.terminated = terminated.data();
      out.truncated = truncated.data();
      out.final_obs = final_obs.data();
      const auto column = [&](const std::vector<T>& panel, std::size_t c) {
        for (std::size_t f = 0; f < 4; ++f) one[f] = panel[f * n + c];
        return one.data();
      };
      std::string all;
      for (int u = 0; u < 3; ++u) {
        while (!theirs.ready()) {
          for (std::size_t c = 0; c < n; ++c) index[c] = theirs.act(column(obs, c), nullptr, static_cast<int>(c));
          env->step(1, Actions<T>::discrete(index.data()), out);
          for (std::size_t c = 0; c < n; ++c)
            theirs.observe(reward[c], terminated[c], truncated[c],
                           column(terminated[c] || truncated[c] ? final_obs : obs, c), static_cast<int>(c));
        }
        all += text(theirs.update(2));
      }
      CHECK(all == expected);
      CHECK(same_bits(parameters_of<T>(ours), parameters_of<T>(theirs)));
      CHECK(same_bits(ours.rollout().obs, theirs.rollout().obs));
    }
}

TEST_CASE("normalising is refused by name where it cannot be") {
  TrainSettings s = settings("step", "float64", 1);
  s.whole_episodes = true;
  CHECK_THROWS_WITH(make_algorithm(s, Registry::builtin()),
                    "observation.normalise: whole episodes are collected without it; set whole_episodes=false, or "
                    "observation.normalise=false");
}
