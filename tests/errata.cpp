#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <pigrad/nn/distribution.hpp>
#include <pigrad/rl/boundary.hpp>
#include <pigrad/rl/losses.hpp>
#include <pigrad/rl/returns.hpp>
#include <utility>
#include <vector>

// Each slip of docs/book/errata.md: what is computed with it, and what is right.
using namespace pigrad;
using Reals = std::vector<double>;
using Flags = std::vector<std::uint8_t>;

namespace {

/// A program, its parameters and its gradient.
struct Once {
  Once(const Program& program, Reals start, int rows)
      : workspace(program), bindings(program), parameters(std::move(start)), gradient(parameters.size()) {
    bindings.parameters(parameters.data());
    bindings.rows(rows);
  }
  double operator()() { return workspace.run(bindings, Sink<double>::sum(gradient.data())).loss; }

  Workspace<double> workspace;
  Bindings<double> bindings;
  Reals parameters, gradient;
};

Reals gae_of(const Path<double>& path, double gamma, double lambda, const Reals& value, const Reals& next,
             bool across) {
  Reals out(value.size());
  gae(path, gamma, lambda, value.data(), next.data(), out.data(), across);
  return out;
}

}  // namespace

TEST_CASE("all pairs: a loss over [B×B] pulls every value to the mean return") {
  Spec spec;
  spec.id = "given";
  spec.observation = Space::box(2, -9, 9);
  spec.action = Space::discrete(2);
  CriticSettings critic;
  critic.kind = "linear";
  const Agent<double> agent(spec, PolicySettings(), &critic, 1);
  const Reals obs = {1, -2, 0.5, 3, 0, 1}, target = {1, 2, 9};  // [2×3]
  const double mean = 4;

  Reals V(3);
  Bindings<double> seen(agent.valuing());
  seen.parameters(agent.parameters());
  seen.input(0, obs.data(), 3);
  seen.output(0, V.data(), 3);
  seen.rows(3);
  Workspace<double>(agent.valuing()).run(seen, Sink<double>::none());

  for (const bool broadcast : {true, false}) {
    const Program program = value_loss(agent, broadcast);
    Once run(program, Reals(agent.parameters().data(), agent.parameters().data() + agent.parameters().size()), 3);
    run.bindings.input("obs", obs.data(), 3);
    run.bindings.input("weight", target.data(), 3);
    run();
    // ∂L/∂w = (2/B) Σ (V_t − R̄) s_t over all pairs, (2/B) Σ (V_t − R_t) s_t as it should be.
    for (std::size_t f = 0; f < 2; ++f) {
      double expected = 0;
      for (std::size_t t = 0; t < 3; ++t) expected += 2 * (V[t] - (broadcast ? mean : target[t])) * obs[f * 3 + t] / 3;
      CHECK(run.gradient[static_cast<std::size_t>(agent.critic_range().begin) + f] == doctest::Approx(expected));
    }
  }
}

TEST_CASE("an exhausted list: the network built second gets no hidden layer") {
  Spec spec;
  spec.id = "given";
  spec.observation = Space::box(4, -9, 9);
  spec.action = Space::discrete(2);
  std::vector<int> sizes = {64, 32};
  const auto used_up = [&] { return std::exchange(sizes, {}); };
  PolicySettings policy;
  CriticSettings critic;
  policy.network.hidden = used_up();
  critic.network.hidden = used_up();
  const Agent<double> slipped(spec, policy, &critic, 1);
  CriticSettings linear;
  linear.kind = "linear";
  CHECK(slipped.critic_range().size() == Agent<double>(spec, policy, &linear, 1).critic_range().size());
  CHECK(slipped.critic_range().size() == 4 + 1);
  critic.network.hidden = policy.network.hidden;
  CHECK(Agent<double>(spec, policy, &critic, 1).critic_range().size() == (4 + 1) * 64 + (64 + 1) * 32 + (32 + 1));
}

TEST_CASE("an end at the edge: a path that ended by itself is worth 0 there, not V") {
  Rollout<double> rollout;
  rollout.resize(2, 1, 1, 0);
  rollout.terminated = {0, 1};
  rollout.truncated = {0, 0};
  CHECK(after(rollout, BoundaryRule({"terminate", "bootstrap", /*edge_over_end=*/true}), 1) == After::final_obs);
  CHECK(after(rollout, BoundaryRule({"terminate", "bootstrap", /*edge_over_end=*/false}), 1) == After::zero);
}

TEST_CASE("a reward for a value: the last reward says nothing of what a cut path was still to earn") {
  const Reals reward(20, 1), with_reward(20, 1), with_value(20, 1 / (1 - 0.99));
  const Flags none(20, 0);
  const Path<double> path{20, 1, reward.data(), none.data(), none.data()};
  Reals G(20);
  return_to_go(path, 0.99, with_value.data(), G.data());
  CHECK(G[0] == doctest::Approx(100));
  CHECK(G[19] == doctest::Approx(100));
  return_to_go(path, 0.99, with_reward.data(), G.data());
  CHECK(G[0] == doctest::Approx((1 - std::pow(0.99, 21)) / 0.01));
  CHECK(G[19] == doctest::Approx(1.99));
}

TEST_CASE("across ends: the γλ sum of one episode reads the next one's errors") {
  // Step 0 ends an episode whose δ is 0; step 1, of the next episode, has δ = 10.
  const Reals reward = {1, 10}, value = {1, 0}, next = {0, 0};
  const Flags terminated = {1, 1}, truncated = {0, 0};
  const Path<double> path{2, 1, reward.data(), terminated.data(), truncated.data()};
  CHECK(gae_of(path, 0.99, 0.95, value, next, false)[0] == 0);
  CHECK(gae_of(path, 0.99, 0.95, value, next, true)[0] == doctest::Approx(0.99 * 0.95 * 10));
}

TEST_CASE("bootstrapped twice: a reward that holds γV' already must not get it again in δ") {
  const double reward = 1, value = 8, next = 10, gamma = 0.9;
  const Flags none = {0};
  const double once = reward + gamma * next - value;
  Reals delta(1);
  td_error({1, 1, &reward, none.data(), none.data()}, gamma, &value, &next, delta.data());
  CHECK(delta[0] == doctest::Approx(once));
  const double padded = reward + gamma * next;
  td_error({1, 1, &padded, none.data(), none.data()}, gamma, &value, &next, delta.data());
  CHECK(delta[0] == doctest::Approx(once + gamma * next));
}

TEST_CASE("beyond the best: a score of padded rewards by ends passes what can be earned") {
  // Eight copies of 1000 steps, reward 1, an end each 200; γV' was added to each copy's last reward.
  const double gamma = 0.99, value = 50, ends = 40, earned = 8000;
  CHECK(earned / ends == 200);
  CHECK((earned + 8 * gamma * value) / ends == doctest::Approx(200 + gamma * value / 5));
}

TEST_CASE("half as much: the score in a log-variance is half of that in a log-deviation") {
  const auto score = [](const char* form, double spread) {
    const auto gaussian =
        make_distribution({.name = "gaussian", .spread = "learned", .spread_is = form}, 1, false, "x");
    ParameterLayout layout;
    gaussian->add_parameters(layout, "policy");
    Tape tape(layout);
    const Tensor mean = tape.input("mean", 1), action = tape.input("action", 1);
    const Program program = tape.program(sum(gaussian->log_prob(mean, action)));
    const double zero = 0, taken = 3;
    Once run(program, {spread}, 1);
    run.bindings.input("mean", &zero, 1);
    run.bindings.input("action", &taken, 1);
    run();
    return run.gradient[0];
  };
  // σ = e^0.5 both times.
  CHECK(score("log_std", 0.5) == doctest::Approx(9 / std::exp(1.0) - 1));
  CHECK(score("log_variance", 1) == doctest::Approx(0.5 * (9 / std::exp(1.0) - 1)));
}

TEST_CASE("γᵗ left out: late steps weigh as much as early ones") {
  const Reals reward(200, 1);
  Flags ended(200, 0), none(200, 0);
  ended.back() = 1;
  Reals weight(200);
  discount_weight({200, 1, reward.data(), ended.data(), none.data()}, 0.99, nullptr, weight.data());
  double sum = 0;
  for (const double w : weight) sum += w;
  CHECK(sum == doctest::Approx(86.60).epsilon(1e-4));
  CHECK(weight[199] == doctest::Approx(0.1353).epsilon(1e-3));
}

TEST_CASE("log of softmax: minus infinity where the log-softmax is exact") {
  const auto log_prob = [](const char* form) {
    const auto categorical = make_distribution({.name = "categorical", .log_prob = form}, 2, true, "x");
    Tape tape;
    const Tensor logits = tape.input("logits", 2), action = tape.index("action");
    const Program program = tape.program({{"log_prob", categorical->log_prob(logits, action)}});
    const float z[] = {0, 120};
    const std::int32_t unlikely = 0;
    float out = 0;
    Workspace<float> workspace(program);
    Bindings<float> bindings(program);
    bindings.input("logits", z, 1);
    bindings.index("action", &unlikely);
    bindings.output("log_prob", &out, 1);
    bindings.rows(1);
    workspace.run(bindings, Sink<float>::none());
    return out;
  };
  CHECK(log_prob("log_softmax") == doctest::Approx(-120));
  CHECK(std::isinf(log_prob("log_of_softmax")));
}

TEST_CASE("divided by episodes: what normalising cancels, and what it cannot divide by") {
  Reals q = {1, 2, 4, 9}, divided = {0.1, 0.2, 0.4, 0.9};
  standardise(q.data(), nullptr, 4, 0, false);
  standardise(divided.data(), nullptr, 4, 0, false);
  for (std::size_t i = 0; i < 4; ++i) CHECK(divided[i] == doctest::Approx(q[i]).epsilon(1e-14));
  Reals equal = {2, 2, 2};
  CHECK_THROWS_WITH(standardise(equal.data(), nullptr, 3, 0, false), doctest::Contains("all 3 values are equal"));
}

TEST_CASE("through the bootstrap: the attached target has another fixed point") {
  // A goes to B or C, each half of the time, for nothing; B then earns 1 and ends, C earns 0 and ends.
  // Rows: A→B, A→C, B→end, C→end. The values are three parameters, picked by index.
  const auto fixed_point = [](bool attached) {
    ParameterLayout layout;
    layout.add("V", 1, 3);
    Tape tape(layout);
    const Tensor reward = tape.input("reward", 1), goes_on = tape.input("goes_on", 1);
    const Tensor table = expand(tape.parameter("V"), reward);
    const Tensor next = gather(table, tape.index("next"));
    const Tensor target = reward + goes_on * (attached ? next : stop_gradient(next));
    const Program program = tape.program(mean(square(gather(table, tape.index("state")) - target)));
    const double rewards[] = {0, 0, 1, 0}, on[] = {1, 1, 0, 0};
    const std::int32_t from[] = {0, 0, 1, 2}, to[] = {1, 2, 0, 0};
    Once run(program, Reals(3, 0), 4);
    run.bindings.input("reward", rewards, 1);
    run.bindings.input("goes_on", on, 1);
    run.bindings.index("state", from);
    run.bindings.index("next", to);
    for (int step = 0; step < 500; ++step) {
      run();
      for (std::size_t i = 0; i < 3; ++i) run.parameters[i] -= 0.5 * run.gradient[i];
    }
    return run.parameters;
  };
  const Reals right = fixed_point(false), wrong = fixed_point(true);
  CHECK(right[0] == doctest::Approx(0.5));
  CHECK(right[1] == doctest::Approx(1));
  CHECK(right[2] == doctest::Approx(0).epsilon(1e-9));
  CHECK(wrong[0] == doctest::Approx(0.5));
  CHECK(wrong[1] == doctest::Approx(0.75));
  CHECK(wrong[2] == doctest::Approx(0.25));
}

TEST_CASE("a target for a return: five rewards and a guess are no average return") {
  const Reals reward(500, 1), guess(500, 0);
  Flags ended(500, 0), none(500, 0);
  ended.back() = 1;
  const Path<double> path{500, 1, reward.data(), ended.data(), none.data()};
  Reals lookahead(500), whole(500);
  n_step_return(path, 0.99, 5, guess.data(), lookahead.data());
  return_to_go<double>(path, 1, nullptr, whole.data());
  CHECK(lookahead[0] == doctest::Approx(4.90).epsilon(1e-3));
  CHECK(whole[0] == 500);
}

TEST_CASE("a limit for an end: V = 1/(1−γ) or what is left until the clock stops") {
  const Reals reward(500, 1);
  Flags none(500, 0), limit(500, 0);
  limit.back() = 1;
  const Path<double> path{500, 1, reward.data(), none.data(), limit.data()};
  const Reals value(500, 100);
  Reals G(500);
  return_to_go(path, 0.99, value.data(), G.data());
  CHECK(G[0] == doctest::Approx(100));
  CHECK(G[499] == doctest::Approx(100));
  return_to_go<double>(path, 0.99, nullptr, G.data());
  CHECK(G[499] == 1);
}

TEST_CASE("the plain sum: scores add up to 0 only when weighed by their probabilities") {
  const double pi[] = {0.7, 0.2, 0.1};
  for (int b = 0; b < 3; ++b) {
    double plain = 0, weighed = 0;
    for (int a = 0; a < 3; ++a) {
      const double score = (a == b ? 1 : 0) - pi[b];
      plain += score;
      weighed += pi[a] * score;
    }
    CHECK(plain == doctest::Approx(1 - 3 * pi[b]));
    CHECK(std::abs(plain) > 0.3);
    CHECK(std::abs(weighed) < 1e-15);
  }
}

TEST_CASE("the tail: on a finite path GAE's last term weighs λ^(N−1)") {
  const Reals reward = {1, 2, 3, 4}, value = {5, 1, 2, 7}, next = {1, 2, 7, 3};
  const Flags none(4, 0);
  const Path<double> path{4, 1, reward.data(), none.data(), none.data()};
  const double gamma = 0.9, lambda = 0.8;
  double with_tail = 0, without = 0;
  for (int n = 1; n <= 4; ++n) {
    Reals G(4);
    n_step_return(path, gamma, n, next.data(), G.data());
    const double advantage = G[0] - value[0], weight = std::pow(lambda, n - 1);
    with_tail += (n == 4 ? weight : (1 - lambda) * weight) * advantage;
    without += (1 - lambda) * weight * advantage;
  }
  const double right = gae_of(path, gamma, lambda, value, next, false)[0];
  CHECK(with_tail == doctest::Approx(right).epsilon(1e-13));
  CHECK(std::abs(without - right) > 0.1);
}
