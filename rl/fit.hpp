#pragma once
#include <algorithm>
#include <optional>

#include "algorithm.hpp"
#include "settings.hpp"

namespace pigrad {

/// A loss as a pass of optimiser steps saw it. `Seen` is its value, or, on a device, which record will hold it.
template <class Seen>
struct Fit {
  Seen before{}, last{};  ///< last: before the last step
  std::optional<Seen> after;
};

/// One pass in order over minibatches, `steps` optimiser steps on each. Before and after are, by source_metrics, over
/// all rows, over the last minibatch, as the sources print it, or over the first minibatch and only before.
/// @param run bind(begin, count) chooses rows; look() is their loss; step(last) is the same and moves the parameters
template <class Seen, class Run>
Fit<Seen> fit_in_order(const TrainSettings& s, int rows, int steps, const Run& run) {
  const bool whole = s.source_metrics == "epoch", looks_back = s.source_metrics != "first_step";
  const int size = s.minibatch > 0 ? s.minibatch : rows;
  const bool first_step_tells = !whole || size >= rows;
  Fit<Seen> fit;
  if (!first_step_tells) {
    run.bind(0, rows);
    fit.before = run.look();
  }
  for (int begin = 0; begin < rows; begin += size) {
    run.bind(begin, std::min(size, rows - begin));
    for (int k = 0; k < steps; ++k) {
      const bool last = k + 1 == steps && begin + size >= rows;
      fit.last = run.step(last);
      if (k == 0 && (looks_back ? first_step_tells : begin == 0)) fit.before = fit.last;
    }
  }
  if (!looks_back) return fit;
  if (whole) run.bind(0, rows);
  fit.after = run.look();
  return fit;
}

/// The metrics of the policy's pass.
/// @param policy output(name), grad_norm() and learning_rate() as the pass left them
template <class Policy>
void report_policy(const Fit<double>& fit, const Policy& policy, Metrics& metrics) {
  metrics.emplace_back("train/policy_loss", fit.before);
  if (fit.after) metrics.emplace_back("train/policy_loss_change", *fit.after - fit.before);
  metrics.emplace_back("train/entropy_loss", -policy.output("entropy"));
  metrics.emplace_back("train/entropy", policy.output("entropy"));
  if (fit.after) metrics.emplace_back("train/kl", policy.output("kl"));
  metrics.emplace_back("train/policy_grad_norm", policy.grad_norm());
  metrics.emplace_back("train/learning_rate", policy.learning_rate());
}

/// The metrics of the critic's.
/// @param explained variance of the returns by V before the pass
template <class Critic>
void report_critic(const Fit<double>& fit, const Critic& critic, double explained, Metrics& metrics) {
  metrics.emplace_back("train/value_loss", fit.before);
  if (fit.after) metrics.emplace_back("train/value_loss_change", *fit.after - fit.before);
  metrics.emplace_back("train/explained_variance", explained);
  metrics.emplace_back("train/value_grad_norm", critic.grad_norm());
}

}  // namespace pigrad
