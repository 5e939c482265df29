#include <cmath>
#include <limits>
#include <memory>

#include "../../core/error.hpp"
#include "../../rl/on_policy.hpp"
#include "../environments.hpp"
#include "switches.hpp"

namespace pigrad::app {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

using Vector = std::vector<double>;

/// A policy's parameters by their place in the vector.
Vector policy_of(const OnPolicy<double>& algorithm) {
  const ParameterRange range = algorithm.agent().policy_range();
  const double* data = algorithm.agent().parameters().data();
  return {data + range.begin, data + range.end};
}

std::unique_ptr<Algorithm> made(TrainSettings settings, const Registry& environments) {
  settings.scalar = "float64";
  return make_algorithm(settings, environments);
}

/// So small a step of plain gradient descent that however many are taken, all are taken at the start.
TrainSettings creeping(TrainSettings settings) {
  constexpr double tiny = 1e-6;
  settings.minibatch = 0;
  settings.policy.steps_per_minibatch = 1;
  settings.policy.optimiser = OptimiserChoice{};
  settings.policy.optimiser.name = "sgd";
  settings.policy.optimiser.learning_rate = tiny;
  return settings;
}

/// What one epoch on the rollout changes of a policy that starts as `start`; empty if the two differ in size.
Vector change(const TrainSettings& settings, const Registry& environments, const Vector& start,
              const Rollout<double>& rollout) {
  const auto algorithm = made(settings, environments);
  auto* learner = dynamic_cast<OnPolicy<double>*>(algorithm.get());
  if (learner == nullptr || policy_of(*learner).size() != start.size()) return {};
  Parameters<double>& parameters = learner->agent().parameters();
  const int begin = learner->agent().policy_range().begin;
  for (std::size_t i = 0; i < start.size(); ++i) parameters.data()[static_cast<std::size_t>(begin) + i] = start[i];
  parameters.touch();
  learner->learn(rollout, 1);
  Vector moved = policy_of(*learner);
  for (std::size_t i = 0; i < start.size(); ++i) moved[i] -= start[i];
  return moved;
}

double cosine(const Vector& a, const Vector& b) {
  if (a.empty() || a.size() != b.size()) return kNothing;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : kNothing;
}

}  // namespace

Directions first_directions(const TrainSettings& from, const TrainSettings& other) {
  try {
    const Registry environments = all_environments();
    TrainSettings one_rollout = from;
    one_rollout.rollouts = 1;
    const auto source = made(one_rollout, environments);
    auto* collector = dynamic_cast<OnPolicy<double>*>(source.get());
    if (collector == nullptr) return {kNothing, kNothing};
    const Vector start = policy_of(*collector);
    source->epoch(1);
    const Rollout<double>& rollout = collector->rollout();
    const auto both = [&](const TrainSettings& a, const TrainSettings& b) {
      return cosine(change(a, environments, start, rollout), change(b, environments, start, rollout));
    };
    return {both(creeping(from), creeping(other)), both(from, other)};
  } catch (const Error&) {
    return {kNothing, kNothing};
  }
}

}  // namespace pigrad::app
