#include "microscope.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../core/conjugate_gradients.hpp"
#include "../core/ops.hpp"
#include "curvature.hpp"
#include "subject.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// Statistics that are logarithms: all of a categorical's, a Gaussian's second half.
bool is_log(const Distribution& d, int column) { return d.discrete() || column >= d.actions(); }

std::vector<std::string> names_of(const Distribution& d) {
  std::vector<std::string> names;
  for (int k = 0; k < d.statistics_columns(); ++k) {
    if (d.discrete())
      names.push_back("π(" + std::to_string(k) + ")");
    else
      names.push_back((k < d.actions() ? "μ" : "σ") + std::to_string(k % d.actions()));
  }
  return names;
}

std::string entry_name(const ParameterLayout& layout, int i) {
  const Segment& s = layout.at(i);
  const int e = i - s.offset;
  return s.name + " [" + std::to_string(e / s.columns) + "," + std::to_string(e % s.columns) + "]";
}

}  // namespace

Microscope::Microscope(OnPolicy<double>& subject, const State& state, const Rollout<double>& rollout)
    : subject_(&subject),
      rollout_(&rollout),
      estimates_(subject.settings(), subject.agent()),
      ones_(at(rollout.rows()), 1),
      program_(score_program(subject.agent())) {
  estimates_.load(state.widened());
  estimates_.begin(rollout);
  estimates_.find_returns(1);
  estimates_.find_advantages(1, false, false);
  psi_ = estimates_.advantages();
  const AdvantageSettings& a = subject.settings().advantage;
  const Moments m = moments(psi_.data(), nullptr, rollout.rows(), false);
  if (a.normalise && m.deviation > 0)
    for (double& psi : psi_) psi = (psi - m.mean) / m.deviation;
}

Bindings<double> Microscope::bind(int row) const {
  const Rollout<double>& r = *rollout_;
  Bindings<double> b(program_);
  b.parameters(subject_->agent().parameters().data());
  b.rows(1);
  b.input("obs", r.obs.data() + row, r.rows());
  b.input("weight", ones_.data(), 1);
  if (r.action_size == 0)
    b.index("action", r.index.data() + row);
  else
    b.input("action", r.action.data() + row, r.rows());
  return b;
}

/// The distribution's numbers [rows × columns] of all states at the present parameters, row-major.
std::vector<double> Microscope::policy_at(std::vector<double>* log_prob) {
  Actor<double> actor(subject_->agent());
  const int rows = rollout_->rows();
  const Distribution& d = subject_->agent().distribution();
  const View<const double> seen = actor.statistics(rows, rollout_->obs.data(), rows);
  const int columns = d.statistics_columns();
  std::vector<double> all(at(rows * columns));
  for (int r = 0; r < rows; ++r)
    for (int k = 0; k < columns; ++k) {
      const double x = seen.data[r * seen.row_stride + k * seen.column_stride];
      all[at(r * columns + k)] = is_log(d, k) ? std::exp(x) : x;
    }
  if (log_prob) {
    Rollout<double> now = *rollout_;
    find_log_probs(*subject_, now);
    *log_prob = now.log_prob;
  }
  return all;
}

/// The derivative of those numbers along a direction of the parameters, by one Dot sink a column.
std::vector<double> Microscope::slopes(const std::vector<double>& direction) {
  const Agent<double>& agent = subject_->agent();
  const Distribution& d = agent.distribution();
  const int rows = rollout_->rows(), columns = d.statistics_columns();
  Tape tape(agent.layout());
  const Tensor chosen = tape.fixed_input("chosen", 1, columns);
  const Tensor statistics = d.statistics(agent.policy(tape.input("obs", agent.observation_size())));
  const Program program = tape.program(sum(statistics * chosen));
  Workspace<double> workspace(program);
  Bindings<double> b(program);
  std::vector<double> mask(at(columns)), products(at(rows)), all(at(rows * columns));
  const std::vector<double> now = policy_at(nullptr);
  b.parameters(agent.parameters().data());
  b.rows(rows);
  b.input("obs", rollout_->obs.data(), rows);
  b.input("chosen", mask.data(), 1);
  for (int k = 0; k < columns; ++k) {
    mask.assign(at(columns), 0.0);
    mask[at(k)] = 1;
    workspace.run(b, Sink<double>::dot(direction.data(), products.data()));
    for (int r = 0; r < rows; ++r)
      all[at(r * columns + k)] = products[at(r)] * (is_log(d, k) ? now[at(r * columns + k)] : 1);
  }
  return all;
}

StepView Microscope::look(int row, double rate, const std::vector<int>& others, int entries) {
  const Rollout<double>& r = *rollout_;
  for (const int asked : others)
    require(asked >= 0 && asked < r.rows(), "step", "a state outside the episode", "give steps of it");
  if (row < 0 || row >= r.rows())
    throw Error("step " + std::to_string(row), "the episode has " + std::to_string(r.rows()) + " steps",
                "give 0 to " + std::to_string(r.rows() - 1));
  Agent<double>& agent = subject_->agent();
  const Distribution& d = agent.distribution();
  const auto size = at(agent.layout().size());
  StepView view;
  for (int f = 0; f < r.observation_size; ++f) view.observation.push_back(r.obs[at(f * r.rows() + row)]);
  if (r.action_size == 0) view.action.push_back(r.index[at(row)]);
  for (int k = 0; k < r.action_size; ++k) view.action.push_back(r.action[at(k * r.rows() + row)]);
  view.log_prob = r.log_prob[at(row)];
  view.reward = r.reward[at(row)];
  view.return_to_go = estimates_.returns()[at(row)];
  view.advantage = estimates_.advantages()[at(row)];
  const bool valued = !estimates_.value().empty();
  view.value = valued ? estimates_.value()[at(row)] : std::numeric_limits<double>::quiet_NaN();
  view.next_value = valued ? estimates_.next_value()[at(row)] : view.value;
  view.weight = psi_[at(row)];

  Tape tape(agent.layout());
  const Program network = tape.program({{"output", agent.policy(tape.input("obs", agent.observation_size()))}});
  Workspace<double> forward(network);
  Bindings<double> seen(network);
  view.outputs.resize(at(d.network_outputs()));
  seen.parameters(agent.parameters().data());
  seen.rows(1);
  seen.input("obs", r.obs.data() + row, r.rows());
  seen.output("output", view.outputs.data(), 1);
  forward.run(seen, Sink<double>::none());

  view.score.resize(size);
  Workspace<double> workspace(program_);
  workspace.run(bind(row), Sink<double>::sum(view.score.data()));
  for (const Layer& layer : layers_of(agent.layout())) {
    if (layer.range.begin >= agent.policy_range().end) continue;
    double squares = 0;
    for (int i = layer.range.begin; i < layer.range.end; ++i) squares += view.score[at(i)] * view.score[at(i)];
    view.layers.push_back({layer.name, std::sqrt(squares)});
  }
  view.norm = std::sqrt(inner_product(view.score, view.score));
  std::vector<int> order(size);
  for (std::size_t i = 0; i < size; ++i) order[i] = static_cast<int>(i);
  const auto most = std::min(size, at(entries));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(),
                    [&](int a, int b) { return std::abs(view.score[at(a)]) > std::abs(view.score[at(b)]); });
  for (std::size_t i = 0; i < most; ++i)
    view.largest.push_back({entry_name(agent.layout(), order[i]), view.score[at(order[i])]});

  std::vector<double> step = view.score, log_prob;
  for (double& x : step) x *= rate * view.weight;
  const std::vector<double> before = policy_at(nullptr), slope = slopes(step);
  const std::vector<double> start(agent.parameters().data(), agent.parameters().data() + size);
  for (std::size_t i = 0; i < size; ++i) agent.parameters().data()[i] += step[i];
  agent.parameters().touch();
  const std::vector<double> after = policy_at(&log_prob);
  std::copy(start.begin(), start.end(), agent.parameters().data());
  agent.parameters().touch();
  const int columns = d.statistics_columns();
  view.policy_names = names_of(d);
  std::vector<int> rows = {row};
  rows.insert(rows.end(), others.begin(), others.end());
  for (const int other : rows) {
    PolicyChange change{other, {}, {}, {}};
    for (int k = 0; k < columns; ++k) {
      const auto i = at(other * columns + k);
      change.before.push_back(before[i]);
      change.first_order.push_back(before[i] + slope[i]);
      change.after.push_back(after[i]);
    }
    view.changes.push_back(change);
  }
  view.policy = view.changes.front().before;
  view.first_order_log_prob = view.log_prob + rate * view.weight * view.norm * view.norm;
  view.stepped_log_prob = log_prob[at(row)];
  return view;
}

}  // namespace pigrad
