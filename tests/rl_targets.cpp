#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/random.hpp>
#include <pigrad/lab/check.hpp>
#include <pigrad/rl/critic_fit.hpp>
#include <pigrad/rl/losses.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

using Reals = std::vector<double>;
constexpr int features = 3, rows = 24, copies = 2;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

Reals normals(int count, std::uint32_t stream) {
  const Random random(7, Purpose::action);
  Reals out(at(count));
  for (int i = 0; i < count; ++i) out[at(i)] = 2 * random.uniform<double>(stream, static_cast<std::uint64_t>(i)) - 1;
  return out;
}

Spec spec() {
  Spec s;
  s.id = "given";
  s.observation = Space::box(features, -1e9, 1e9);
  s.action = Space::discrete(3);
  s.max_steps = 10;
  return s;
}

TrainSettings settings_with(const std::string& kind, bool time, const std::string& target,
                            const std::string& gradient) {
  TrainSettings s;
  s.gamma = 0.9;
  s.lambda = 0.7;
  s.advantage.n = 3;
  s.policy.network.hidden = {5};
  s.critic.network.hidden = {6};
  s.critic.kind = kind;
  s.critic.time = time;
  s.critic.target = target;
  s.critic.gradient = gradient;
  return s;
}

// Copy 0: an end after 3 steps, a time limit after 8, an open edge. Copy 1: ends on the last step.
Rollout<double> rollout() {
  Rollout<double> r;
  r.resize(rows / copies, copies, features, 0);
  r.obs = normals(rows * features, 1);
  r.final_obs = normals(rows * features, 2);
  r.edge_obs = normals(copies * features, 3);
  r.reward = normals(rows, 4);
  for (int i = 0; i < rows; ++i) r.index[at(i)] = i * 7 % 3;
  r.terminated.assign(rows, 0);
  r.truncated.assign(rows, 0);
  r.terminated[at(2 * copies)] = r.truncated[at(7 * copies)] = r.terminated[rows - 1] = 1;
  r.first_step = {2, 0};
  return r;
}

struct Fixture {
  TrainSettings settings;
  Agent<double> agent;
  Rollout<double> data = rollout();
  Estimates<double> estimates;
  CriticFit<double> fit;

  explicit Fixture(const TrainSettings& s)
      : settings(s), agent(spec(), s.policy, &settings.critic, 3), estimates(settings, agent), fit(agent, settings) {
    estimates.begin(data);
    estimates.find_returns(1);
    fit.aim(estimates);
    fit.learner().bind(data, fit.target().data(), nullptr, 0, rows);
  }
  // The observation after a row by the house's table, as a value of the critic; 0 where the task ended.
  double next(int row) const { return estimates.next_value()[at(row)]; }
  bool cut(int row) const { return data.ended(row) || row + copies >= rows; }
};

}  // namespace

TEST_CASE("frozen targets against sums written out") {
  for (const char* target : {"returns", "bellman", "n_step", "lambda"}) {
    CAPTURE(target);
    const Fixture f(settings_with("mlp", false, target, "frozen"));
    const std::string name = target;
    for (int row = 0; row < rows; ++row) {
      double expected = 0, weight = 1;
      for (int k = row, steps = 1;; k += copies, ++steps) {
        const double reward = f.data.reward[at(k)];
        if (name == "lambda") {
          const double delta = reward + 0.9 * f.next(k) - f.estimates.value()[at(k)];
          expected += delta * std::pow(0.9 * 0.7, steps - 1);
          if (f.cut(k)) break;
          continue;
        }
        expected += weight * reward;
        weight *= 0.9;
        const bool full = (name == "bellman" && steps == 1) || (name == "n_step" && steps == 3);
        if (!full && !f.cut(k)) continue;
        expected += weight * f.next(k);
        break;
      }
      if (name == "lambda") expected += f.estimates.value()[at(row)];
      CHECK(f.fit.target()[at(row)] == doctest::Approx(expected).epsilon(1e-13));
    }
  }
}

TEST_CASE("before the first step moving targets are the frozen ones, whatever the critic and its clock") {
  for (const char* kind : {"mlp", "linear", "q", "q_action"})
    for (const bool time : {false, true})
      for (const char* target : {"returns", "bellman", "n_step"}) {
        CAPTURE(kind);
        CAPTURE(time);
        CAPTURE(target);
        Fixture frozen(settings_with(kind, time, target, "frozen"));
        Fixture detached(settings_with(kind, time, target, "detached"));
        Fixture attached(settings_with(kind, time, target, "attached"));
        const double loss = frozen.fit.learner().loss(1);
        CHECK(loss > 0.01);
        CHECK(detached.fit.learner().loss(1) == doctest::Approx(loss).epsilon(1e-13));
        CHECK(attached.fit.learner().loss(1) == doctest::Approx(loss).epsilon(1e-13));
        for (int k = 0; k < 3; ++k) {
          frozen.fit.learner().descend(1);
          detached.fit.learner().descend(1);
          attached.fit.learner().descend(1);
          if (k > 0) continue;
          double same = 0, other = 0;
          for (std::size_t i = 0; i < frozen.fit.learner().gradient().size(); ++i) {
            const double g = frozen.fit.learner().gradient()[i];
            same = std::max(same, std::abs(detached.fit.learner().gradient()[i] - g));
            other = std::max(other, std::abs(attached.fit.learner().gradient()[i] - g));
          }
          CHECK(same < 1e-14);
          CHECK(other > 1e-4);
        }
        CHECK(std::abs(detached.fit.learner().loss(1) - frozen.fit.learner().loss(1)) > 1e-9);
      }
}

TEST_CASE("the attached gradient is the loss's own by finite differences, the detached one is not") {
  for (const char* kind : {"mlp", "q"}) {
    CAPTURE(kind);
    for (const char* gradient : {"attached", "detached"}) {
      CAPTURE(gradient);
      TrainSettings s = settings_with(kind, true, "n_step", gradient);
      s.critic.network.activation = "tanh";
      Agent<double> agent(spec(), s.policy, &s.critic, 3);
      const Program program = critic_loss(agent, s.critic);
      const Reals obs = normals(rows * features, 1), after = normals(rows * features, 2), time = normals(rows, 5),
                  factor = normals(rows, 6), partial = normals(rows, 8);
      std::vector<std::int32_t> action(rows);
      for (int i = 0; i < rows; ++i) action[at(i)] = i % 3;
      Bindings<double> b(program);
      b.rows(rows);
      b.input("obs", obs.data(), rows);
      b.input("boot_obs", after.data(), rows);
      for (const char* name : {"time", "boot_time"}) b.input(name, time.data(), 0);
      b.input("factor", factor.data(), 0);
      b.input("weight", partial.data(), 0);
      if (kind[0] == 'q') b.index("action", action.data());
      Reals parameters(agent.parameters().data(), agent.parameters().data() + agent.parameters().size());
      Workspace<double> workspace(program);
      Reals gradient_of(parameters.size());
      b.parameters(parameters.data());
      workspace.run(b, Sink<double>::sum(gradient_of.data()));
      for (int i = 0; i < agent.critic_range().begin; ++i) CHECK(gradient_of[at(i)] == 0);
      double worst = 0;
      for (int i = agent.critic_range().begin; i < agent.critic_range().end; ++i) {
        const auto loss_at = [&](double shift) {
          Reals moved = parameters;
          moved[at(i)] += shift;
          b.parameters(moved.data());
          return workspace.run(b, Sink<double>::none()).loss;
        };
        const double slope = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
        worst = std::max(worst, std::abs(slope - gradient_of[at(i)]));
      }
      if (gradient[0] == 'a')
        CHECK(worst < 1e-8);
      else
        CHECK(worst > 1e-3);
      if (kind[0] == 'q' || gradient[0] == 'd') continue;
      b.parameters(parameters.data());
      CheckOptions options;
      options.entries = 20;
      const CheckReport report = check_gradient(program, b, parameters, options);
      CHECK_MESSAGE(report.ok, report.words);
    }
  }
}

TEST_CASE("losses reduce by mean, sum, or the sum an episode, and so do their gradients") {
  TrainSettings s = settings_with("mlp", false, "returns", "frozen");
  s.policy.entropy_bonus = 0.3;
  const Fixture base(s);
  const auto gradient_of = [&](bool policy, const std::string& reduction, double& loss) {
    Agent<double> agent(spec(), s.policy, &s.critic, 3);
    CriticSettings critic = s.critic;
    critic.loss_reduction = reduction;
    Learner<double> learner(agent, policy ? policy_gradient_loss(agent, 0.3, reduction) : critic_loss(agent, critic),
                            policy ? agent.policy_range() : agent.critic_range(), OptimiserChoice{});
    learner.divide_by(5);
    learner.bind(base.data, base.fit.target().data(), nullptr, 0, rows);
    loss = learner.descend(1);
    return learner.gradient();
  };
  for (const bool policy : {true, false}) {
    double mean = 0, sum = 0, per_episode = 0;
    const Reals g = gradient_of(policy, "mean", mean), of_sum = gradient_of(policy, "sum", sum),
                of_episodes = gradient_of(policy, "per_episode", per_episode);
    CHECK(sum == doctest::Approx(rows * mean).epsilon(1e-13));
    CHECK(per_episode == doctest::Approx(sum / 5).epsilon(1e-13));
    for (std::size_t i = 0; i < g.size(); ++i) {
      CHECK(std::abs(of_sum[i] - rows * g[i]) < 1e-12);
      CHECK(std::abs(of_episodes[i] - of_sum[i] / 5) < 1e-12);
    }
  }
}
