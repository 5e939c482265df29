#include "estimates.hpp"

#include <cmath>
#include <limits>

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

template <class T>
Estimates<T>::Estimates(const TrainSettings& settings, const Agent<T>& agent) : settings_(&settings), agent_(&agent) {
  if (agent.has_critic()) critic_ = std::make_unique<Critic<T>>(agent);
}

template <class T>
Path<T> Estimates<T>::path() const {
  return {rollout_->steps,
          rollout_->copies,
          rollout_->reward.data(),
          rollout_->terminated.data(),
          rollout_->truncated.data(),
          rollout_->valid.data()};
}

template <class T>
void Estimates<T>::begin(const Rollout<T>& rollout) {
  rollout_ = &rollout;
  pigrad::learning_rows(rollout, settings_->boundary, rows_);
  rows_are_all_ = learning_rows() == rollout.rows();
  if (rows_.empty())
    throw Error("train",
                "no episode ended in " + std::to_string(rollout.rows()) + " steps, and unfinished ones are left out",
                "raise steps, or set boundary.edge to another rule");
  paths_ = 0;
  const Path<T> whole = path();
  if (rows_are_all_)
    for (int t = 0; t < rollout.steps; ++t)
      for (int e = 0; e < rollout.copies; ++e) paths_ += whole.cut(t, e);
  else
    for (const std::int32_t row : rows_) paths_ += whole.cut(row / rollout.copies, row % rollout.copies);
  if (agent_->sees_time()) find_time();
}

template <class T>
void Estimates<T>::find_time() {
  const Rollout<T>& r = *rollout_;
  const T limit = static_cast<T>(agent_->spec().max_steps);
  std::vector<int> step(r.first_step);
  time_.resize(at(r.rows()));
  time_after_.resize(at(r.rows()));
  for (int row = 0; row < r.rows(); ++row) {
    int& now = step[at(row % r.copies)];
    time_[at(row)] = static_cast<T>(now) / limit;
    time_after_[at(row)] = static_cast<T>(now + 1) / limit;
    now = r.ended(row) || !r.valid[at(row)] ? 0 : now + 1;
  }
}

template <class T>
void Estimates<T>::find_values(int threads) {
  const int rows = rollout_->rows();
  if (critic_ && critic_->has_value()) {
    value_.resize(at(rows));
    critic_->value(*rollout_, threads, value_.data(), time_.data(), handover_);
  }
  if (agent_->values_actions()) {
    action_value_.resize(at(rows));
    critic_->action_value(*rollout_, threads, action_value_.data(), time_.data());
  }
  next_values(*rollout_, settings_->boundary, critic_.get(), value_.empty() ? nullptr : value_.data(), threads,
              next_value_, time_after_.empty() ? nullptr : time_after_.data());
}

template <class T>
AdvantageInput<T> Estimates<T>::input() const {
  AdvantageInput<T> in;
  in.path = path();
  in.gamma = static_cast<T>(settings_->gamma);
  in.lambda = static_cast<T>(settings_->lambda);
  in.n = settings_->advantage.n;
  in.value = value_.empty() ? nullptr : value_.data();
  in.next_value = next_value_.data();
  in.action_value = action_value_.empty() ? nullptr : action_value_.data();
  in.across_ends = settings_->advantage.sum == "across";
  if (settings_->advantage.per_episode) in.return_scale = T(1) / static_cast<T>(paths_);
  in.first_step = rollout_->first_step.data();
  return in;
}

template <class T>
void Estimates<T>::find_returns(int threads) {
  find_values(threads);
  const AdvantageInput<T> in = input();
  const Rollout<T>& r = *rollout_;
  returns_.resize(at(r.rows()));
  return_to_go(in.path, in.gamma, in.next_value, returns_.data());
  if (in.return_scale != T(1))
    for (T& x : returns_) x *= in.return_scale;
  edge_value_.assign(at(r.copies), T(0));
  double rewards = 0;
  int ends = 0;
  const BoundaryRule rule(settings_->boundary);
  const int edge = r.rows() - r.copies;
  for (int row = 0; row < r.rows(); ++row) {
    rewards += static_cast<double>(r.reward[at(row)]);
    ends += r.ended(row);
    if (row < edge || after(r, rule, row) != After::next_obs) continue;
    edge_value_[at(row - edge)] = next_value_[at(row)];
    rewards += settings_->gamma * static_cast<double>(next_value_[at(row)]);
  }
  score_ = ends > 0 ? rewards / ends : nothing;
  if (!critic_ || settings_->critic.scale != "returns") return;
  const Moments m = moments(returns_.data(), order(), learning_rows(), false);
  constexpr double no_spread = 1e-6;  // of the mean: nothing but rounding
  const bool spread = m.deviation > no_spread * std::abs(m.mean);
  critic_->rescale(m.mean, spread ? m.deviation : critic_->deviation());
  const std::vector<T> at_cuts = next_value_;
  find_values(threads);
  for (int row = 0; row < r.rows(); ++row)
    if (after(r, rule, row) != After::next_row) next_value_[at(row)] = at_cuts[at(row)];
}

template <class T>
void Estimates<T>::find_advantages(int threads, bool refresh, bool normalise) {
  if (refresh) find_values(threads);
  const AdvantageSettings& settings = settings_->advantage;
  AdvantageInput<T> in = input();
  std::vector<T> rewards;
  if (settings.edge_twice) {
    rewards = rollout_->reward;
    for (int e = 0, first = rollout_->rows() - rollout_->copies; e < rollout_->copies; ++e)
      rewards[at(first + e)] += in.gamma * edge_value_[at(e)];
    in.path.reward = rewards.data();
  }
  if (settings_->source_figure == "avg_return") {
    advantage_.resize(at(rollout_->rows()));
    find_estimator<T>(settings, critic_ != nullptr).estimate(in, advantage_.data());
    double sum = 0;
    for (const std::int32_t row : rows_) {
      const int t = row / rollout_->copies, e = row % rollout_->copies;
      if (t == 0 || in.path.cut(t - 1, e)) sum += static_cast<double>(advantage_[at(row)]);
    }
    avg_return_ = sum / paths_;
  }
  estimate_advantage(settings, in, advantage_);
  if (!normalise || !settings.normalise) return;
  if (rows_.size() == 1)
    throw Error("advantage.normalise", "the rollout has 1 learning row, and so no deviation to divide by",
                "raise steps, or set advantage.normalise=false");
  standardise(advantage_.data(), rows_.data(), learning_rows(), settings.epsilon, settings.deviation == "sample");
}

template <class T>
void Estimates<T>::find_lambda_returns(std::vector<T>& out) const {
  const AdvantageInput<T> in = input();
  out.resize(value_.size());
  gae(in.path, in.gamma, in.lambda, in.value, in.next_value, out.data());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += value_[i];
}

template <class T>
void Estimates<T>::save(State& state) const {
  if (critic_ && settings_->critic.scale != "none")
    state.put("critic.scale", std::vector<double>{critic_->mean(), critic_->deviation()});
}

template <class T>
void Estimates<T>::load(const State& state) {
  if (!critic_ || settings_->critic.scale == "none") return;
  const auto& scale = state.doubles("critic.scale", 2);
  critic_->rescale(scale[0], scale[1]);
}

template class Estimates<float>;
template class Estimates<double>;

}  // namespace pigrad
