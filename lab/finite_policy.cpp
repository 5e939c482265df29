#include "finite_policy.hpp"

#include "../core/ops.hpp"
#include "../core/random.hpp"
#include "../core/workspace.hpp"

namespace pigrad::lab {

/// Programs of ln π: one row a state, and one row a state and action.
struct FinitePolicy::Recorded {
  ParameterLayout layout;
  Program probabilities, pull_back, scores;
  std::vector<double> features, repeated;  ///< [S×F] and [S·A×F]
  std::vector<std::int32_t> action;        ///< [S·A]
  int width;
};

namespace {

Program probabilities_program(const ParameterLayout& layout, const Logits& logits, int features) {
  Tape tape(layout);
  return tape.program({{"pi", softmax(logits(tape, tape.input("features", features)))}});
}

Program pull_back_program(const ParameterLayout& layout, const Logits& logits, int features, int actions) {
  Tape tape(layout);
  const Tensor pi = softmax(logits(tape, tape.input("features", features)));
  return tape.program(sum(pi * tape.input("pi_bar", actions)));
}

Program score_program(const ParameterLayout& layout, const Logits& logits, int features) {
  Tape tape(layout);
  const Tensor log_pi = log_softmax(logits(tape, tape.input("features", features)));
  return tape.program(sum(gather(log_pi, tape.index("action"))));
}

}  // namespace

FinitePolicy::FinitePolicy(const FiniteMdp& mdp, const ParameterLayout& layout, const Logits& logits)
    : states_(mdp.states), actions_(mdp.actions), theta_(static_cast<std::size_t>(layout.size()), 0.0) {
  std::vector<double> repeated;
  std::vector<std::int32_t> action;
  for (int s = 0; s < states_; ++s)
    for (int a = 0; a < actions_; ++a) {
      const auto row = mdp.feature.begin() + static_cast<std::ptrdiff_t>(s) * mdp.features;
      repeated.insert(repeated.end(), row, row + mdp.features);
      action.push_back(a);
    }
  recorded_ = std::make_shared<const Recorded>(Recorded{layout, probabilities_program(layout, logits, mdp.features),
                                                        pull_back_program(layout, logits, mdp.features, actions_),
                                                        score_program(layout, logits, mdp.features), mdp.feature,
                                                        std::move(repeated), std::move(action), mdp.features});
}

FinitePolicy FinitePolicy::linear(const FiniteMdp& mdp) {
  ParameterLayout layout;
  layout.add("theta", mdp.features, mdp.actions);
  return FinitePolicy(mdp, layout,
                      [](Tape& tape, const Tensor& features) { return matmul(features, tape.parameter("theta")); });
}

FinitePolicy FinitePolicy::network(const FiniteMdp& mdp, const MlpSettings& settings, std::uint64_t seed) {
  ParameterLayout layout;
  const Mlp mlp(layout, "policy", mdp.features, mdp.actions, settings);
  FinitePolicy policy(mdp, layout, [mlp](Tape&, const Tensor& features) { return mlp(features); });
  Parameters<double> start(layout);
  mlp.initialise(start, Initialiser{}, Initialiser{}, Initialiser{}, seed);
  policy.theta_.assign(start.data(), start.data() + start.size());
  return policy;
}

void FinitePolicy::set_parameters(const std::vector<double>& theta) {
  if (theta.size() != theta_.size())
    throw Error("policy", "there are " + std::to_string(theta.size()) + " parameters",
                "give " + std::to_string(theta_.size()));
  theta_ = theta;
}

void FinitePolicy::randomise(std::uint64_t seed, double spread) {
  const Random random(seed, Purpose::initialise);
  for (std::size_t i = 0; i < theta_.size(); ++i) theta_[i] = spread * random.normal<double>(0, i);
}

/// @param features [rows×F]
Bindings<double> FinitePolicy::bound(const Program& program, const std::vector<double>& features) const {
  Bindings<double> bindings(program);
  bindings.parameters(theta_.data());
  bindings.input("features", features.data(), 1, recorded_->width);
  bindings.rows(static_cast<int>(features.size()) / recorded_->width);
  return bindings;
}

std::vector<double> FinitePolicy::probabilities() const {
  std::vector<double> pi(static_cast<std::size_t>(states_ * actions_));
  Workspace<double> workspace(recorded_->probabilities);
  Bindings<double> bindings = bound(recorded_->probabilities, recorded_->features);
  bindings.output("pi", pi.data(), 1, actions_);
  workspace.run(bindings, {});
  return pi;
}

std::vector<double> FinitePolicy::scores() const {
  std::vector<double> rows(static_cast<std::size_t>(states_ * actions_) * theta_.size());
  Workspace<double> workspace(recorded_->scores);
  Bindings<double> bindings = bound(recorded_->scores, recorded_->repeated);
  bindings.index("action", recorded_->action.data());
  workspace.run(bindings, Sink<double>::rows(rows.data()));
  return rows;
}

std::vector<double> FinitePolicy::pull_back(const std::vector<double>& probability_bar) const {
  std::vector<double> gradient(theta_.size());
  Workspace<double> workspace(recorded_->pull_back);
  Bindings<double> bindings = bound(recorded_->pull_back, recorded_->features);
  bindings.input("pi_bar", probability_bar.data(), 1, actions_);
  workspace.run(bindings, Sink<double>::sum(gradient.data()));
  return gradient;
}

}  // namespace pigrad::lab
