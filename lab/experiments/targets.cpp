#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "../../core/ops.hpp"
#include "../../core/workspace.hpp"
#include "../claims.hpp"
#include "../policy_chain.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;
constexpr int kPlaces = 5;

// A walk over five places: a step to the right succeeds with probability `sure`, else it goes to the left. The right
// end pays 1.
FiniteMdp walk(double sure) {
  FiniteMdp mdp = empty_mdp("random walk", kPlaces + 1, 1, 0.95);
  mdp.terminal[kPlaces] = 1;
  for (int s = 0; s < kPlaces; ++s) {
    mdp.start[static_cast<std::size_t>(s)] = 1.0 / kPlaces;
    const int left = s == 0 ? kPlaces : s - 1, right = s + 1;
    mdp.transition[mdp.at(s, 0, left)] += 1 - sure;
    mdp.transition[mdp.at(s, 0, right)] += sure;
  }
  // Both ends are the terminal state: the right one is told apart by its probability in the mean reward.
  mdp.reward[mdp.at(kPlaces - 1, 0, kPlaces)] = 1;
  return mdp;
}

Program target_program(const FiniteMdp& mdp, bool attached) {
  ParameterLayout layout;
  layout.add("v", mdp.features, 1);
  Tape tape(layout);
  const Tensor v = tape.parameter("v");
  const Tensor here = matmul(tape.input("obs", mdp.features), v);
  const Tensor after = matmul(tape.input("then", mdp.features), v) * tape.input("discount", 1);
  const Tensor target = tape.input("reward", 1) + (attached ? after : stop_gradient(after));
  return tape.program(0.5 * mean(square(target - here)));
}

/// k-step transitions: s_t, Σγⁱr, γᵏ (0 where the episode ended before), s_{t+k}.
struct Steps {
  std::vector<double> obs, then, reward, discount;
  int rows = 0;
};

Steps steps_of(const FiniteMdp& mdp, const Trajectories& data, int k) {
  Steps out;
  out.rows = data.rows();
  out.reward.resize(static_cast<std::size_t>(out.rows));
  const std::vector<double> nothing(out.reward.size(), 0.0);
  n_step_return<double>(data.path(), mdp.gamma, k, nothing.data(), out.reward.data());
  for (int i = 0; i < data.count(); ++i) {
    const int end = data.begin[static_cast<std::size_t>(i) + 1];
    for (int row = data.begin[static_cast<std::size_t>(i)]; row < end; ++row) {
      const bool inside = row + k < end;
      const int then = inside ? data.state[static_cast<std::size_t>(row + k)] : kPlaces;
      const auto features = [&](int s) { return mdp.feature.begin() + static_cast<std::ptrdiff_t>(s) * mdp.features; };
      const int s = data.state[static_cast<std::size_t>(row)];
      out.obs.insert(out.obs.end(), features(s), features(s) + mdp.features);
      out.then.insert(out.then.end(), features(then), features(then) + mdp.features);
      out.discount.push_back(inside ? std::pow(mdp.gamma, k) : 0);
    }
  }
  return out;
}

// Where the update on these rows stands still. Its gradient through the tape is affine in v, so that one run at 0 and
// one along each place give it whole.
std::vector<double> fixed_point(const FiniteMdp& mdp, const Steps& steps, bool attached) {
  const Program program = target_program(mdp, attached);
  Workspace<double> workspace(program);
  Bindings<double> bindings(program);
  bindings.input("obs", steps.obs.data(), 1, mdp.features);
  bindings.input("then", steps.then.data(), 1, mdp.features);
  bindings.input("reward", steps.reward.data(), 1);
  bindings.input("discount", steps.discount.data(), 1);
  bindings.rows(steps.rows);
  const auto gradient = [&](const Eigen::VectorXd& v) {
    Eigen::VectorXd g(v.size());
    bindings.parameters(v.data());
    workspace.run(bindings, Sink<double>::sum(g.data()));
    return g;
  };
  const Eigen::VectorXd zero = Eigen::VectorXd::Zero(mdp.features);
  const Eigen::VectorXd offset = gradient(zero);
  Eigen::MatrixXd slope(kPlaces, kPlaces);
  for (int k = 0; k < kPlaces; ++k) {
    Eigen::VectorXd unit = zero;
    unit(k) = 1;
    slope.col(k) = (gradient(unit) - offset).head(kPlaces);
  }
  const Eigen::VectorXd v = slope.partialPivLu().solve(-offset.head(kPlaces));
  return {v.data(), v.data() + kPlaces};
}

// The same for endless data: E of the normal equations, weighted by how often a place is visited.
std::vector<double> expected_point(const FiniteMdp& mdp, const Exact& exact, int k, bool attached) {
  using Matrix = Eigen::MatrixXd;
  const std::vector<double> chain = policy_chain(mdp, exact.pi);
  Matrix p(kPlaces, kPlaces), paid = Matrix::Zero(kPlaces, kPlaces);
  Eigen::VectorXd r(kPlaces), visits(kPlaces);
  for (int s = 0; s < kPlaces; ++s) {
    r(s) = mdp.mean_reward(s, 0), visits(s) = exact.visits[static_cast<std::size_t>(s)];
    for (int then = 0; then < kPlaces; ++then) p(s, then) = chain[static_cast<std::size_t>(s * mdp.states + then)];
  }
  // No step between two places pays: Σγⁱr of k steps and a place at their end exclude each other.
  Matrix power = Matrix::Identity(kPlaces, kPlaces);
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(kPlaces);
  for (int i = 0; i < k; ++i) sum += std::pow(mdp.gamma, i) * power * r, power = power * p;
  const Matrix d = visits.asDiagonal(), then = std::pow(mdp.gamma, k) * power;
  Matrix slope = d - d * then;
  Eigen::VectorXd offset = d * sum;
  if (attached) {
    const Eigen::VectorXd arriving = std::pow(mdp.gamma, 2 * k) * power.transpose() * visits;
    slope = d - d * then - (d * then).transpose() + Matrix(arriving.asDiagonal());
  }
  const Eigen::VectorXd v = slope.partialPivLu().solve(offset);
  return {v.data(), v.data() + kPlaces};
}

ExperimentResult run(const ExperimentSettings& settings) {
  const FiniteMdp mdp = walk(settings.control ? 1 : 0.6);
  const std::vector<double> pi(static_cast<std::size_t>(mdp.states), 1.0);
  const Exact exact = solve(mdp, pi);
  const std::vector<double> truth(exact.v.begin(), exact.v.begin() + kPlaces);
  const int sets = 40, episodes = settings.samples(2000, 1000);

  ExperimentResult out;
  out.question =
      "A critic's target r + γV(s') contains V. Whether the gradient flows into it (attached) or not (detached) "
      "changes "
      "what the critic converges to. To what?";
  out.equations = {
      "detached: E[(R_k + γᵏV(s_{t+k}) − V(s_t)) ∇V(s_t)] = 0: V = V_π for a table",
      "attached: min E[(R_k + γᵏV(s_{t+k}) − V(s_t))²]: pays for the chance in s_{t+k} too (residual gradient, "
      "Baird 1995; Sutton and Barto 2018, section 11.5)",
      "where the chain is deterministic, or k is longer than episodes, both are V_π"};
  Plot plot{"Two fixed points",
            "one-step targets; means over " + std::to_string(sets) + " data sets, 99.9 % bands",
            "place",
            "V",
            {},
            false,
            false};
  NumberTable table{"k-step targets", {"k", "‖V detached − V_π‖", "‖V attached − V_π‖", "expected"}, {}};
  for (const int k : {1, 3, 10}) {
    settings.say(k / 11.0, "k = " + std::to_string(k));
    std::vector<double> attached, detached;
    for (int set = 0; set < sets; ++set) {
      const Trajectories data =
          sample(mdp, pi, episodes, {.seed = settings.seed, .first = set * episodes, .threads = settings.threads});
      const Steps steps = steps_of(mdp, data, k);
      const auto a = fixed_point(mdp, steps, true), d = fixed_point(mdp, steps, false);
      attached.insert(attached.end(), a.begin(), a.end());
      detached.insert(detached.end(), d.begin(), d.end());
    }
    const std::vector<double> expected = expected_point(mdp, exact, k, true);
    const Quality a = measure(attached, truth, kConfidence), d = measure(detached, truth, kConfidence);
    table.rows.push_back({std::to_string(k), digits(d.bias.value, d.bias.low, d.bias.high),
                          digits(a.bias.value, a.bias.low, a.bias.high), digits(distance(expected, truth))});
    if (k != 1) continue;
    const double own = measure(attached, expected, kConfidence).unbiased_p;
    out.claims = {claim_different("On a stochastic chain attached one-step targets do not lead to V_π",
                                  "Hotelling's T² against V_π", a.unbiased_p, kConfidence),
                  claim_equal("Detached ones do", "Hotelling's T² against V_π", d.unbiased_p, kConfidence),
                  claim_equal("Attached ones lead to the least expected squared TD error",
                              "Hotelling's T² against its solution", own, kConfidence)};
    Curve exactly{"V_π", {}, truth, {}, {}, true}, residual{"least squared TD error", {}, expected, {}, {}, true};
    Curve with{"attached", {}, {}, {}, {}, false}, without{"detached", {}, {}, {}, {}, false};
    for (int s = 0; s < kPlaces; ++s) {
      for (Curve* curve : {&exactly, &residual, &with, &without}) curve->x.push_back(s + 1);
      const auto add = [&](const std::vector<double>& all, Curve& curve) {
        std::vector<double> column;
        for (int set = 0; set < sets; ++set) column.push_back(all[static_cast<std::size_t>(set * kPlaces + s)]);
        const Interval v = mean_interval(column, kConfidence);
        curve.y.push_back(v.value), curve.low.push_back(v.low), curve.high.push_back(v.high);
      };
      add(attached, with), add(detached, without);
    }
    plot.curves = {with, without, exactly, residual};
  }
  out.plots = {plot};
  out.tables = {table};
  out.settings = {{"MDP", mdp.name + ": 5 places, to the right with 0.6, the right end pays 1, γ 0.95"},
                  {"critic", "a table; fixed points of the update's gradient through the tape"},
                  {"data sets", std::to_string(sets) + " of " + std::to_string(episodes) + " episodes"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "The attached loss can be lowered by making V smoother than it is, as differences between the states that may "
      "follow cost too. stop_gradient is not an optimisation here: without it the critic learns something else.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment targets_experiment() {
  return {"targets", "Attached and detached targets: two fixed points", "the chain is deterministic", &run};
}

}  // namespace pigrad::lab
