#include "critic_fit.hpp"

#include <limits>

#include "losses.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
CriticFit<T>::CriticFit(Agent<T>& agent, const TrainSettings& settings)
    : settings_(&settings),
      learner_(agent, critic_loss(agent, settings.critic), agent.critic_range(), settings.critic.optimiser) {}

template <class T>
void CriticFit<T>::aim(const Estimates<T>& estimates) {
  if (settings_->critic.gradient == "frozen")
    find_frozen(estimates);
  else
    find_moving(estimates);
  learner_.input("time", estimates.time().data());
}

template <class T>
void CriticFit<T>::find_frozen(const Estimates<T>& estimates) {
  const std::string& target = settings_->critic.target;
  target_ = estimates.returns();
  if (target == "returns") {
    if (settings_->critic.scale == "returns") {
      const double mean = estimates.critic()->mean(), deviation = estimates.critic()->deviation();
      for (T& x : target_) x = static_cast<T>((static_cast<double>(x) - mean) / deviation);
    }
    return;
  }
  const T gamma = static_cast<T>(settings_->gamma);
  const T* next_value = estimates.next_value().data();
  if (target == "bellman") n_step_return(estimates.path(), gamma, 1, next_value, target_.data());
  if (target == "n_step") n_step_return(estimates.path(), gamma, settings_->advantage.n, next_value, target_.data());
  if (target == "lambda") estimates.find_lambda_returns(target_);
}

template <class T>
void CriticFit<T>::find_moving(const Estimates<T>& estimates) {
  const Rollout<T>& r = estimates.rollout();
  const Path<T> path = estimates.path();
  const int rows = r.rows(), copies = r.copies, features = r.observation_size;
  const std::string& target = settings_->critic.target;
  const int n = target == "bellman" ? 1 : target == "n_step" ? settings_->advantage.n : std::numeric_limits<int>::max();
  const BoundaryRule rule(settings_->boundary);
  target_.resize(at(rows));
  factor_.assign(at(rows), T(0));
  boot_obs_.assign(at(rows * features), T(0));
  boot_time_.assign(at(rows), T(0));
  for (int row = 0; row < rows; ++row) {
    T sum = 0, weight = 1;
    int last = row;
    for (int k = 1;; ++k) {
      sum += weight * r.reward[at(last)];
      weight *= static_cast<T>(settings_->gamma);
      if (k == n || path.cut(last / copies, last % copies)) break;
      last += copies;
    }
    const After from = after(r, rule, last);
    target_[at(row)] = from == After::reward ? sum + weight * r.reward[at(last)] : sum;
    if (from == After::zero || from == After::reward) continue;
    factor_[at(row)] = weight;
    const std::vector<T>& obs = from == After::next_row ? r.obs : from == After::next_obs ? r.edge_obs : r.final_obs;
    const int ld = from == After::next_obs ? copies : rows;
    const int column = from == After::next_row ? last + copies : from == After::next_obs ? last % copies : last;
    for (int f = 0; f < features; ++f) boot_obs_[at(f * rows + row)] = obs[at(f * ld + column)];
    if (!estimates.time_after().empty()) boot_time_[at(row)] = estimates.time_after()[at(last)];
  }
  learner_.input("factor", factor_.data());
  learner_.input("boot_obs", boot_obs_.data(), rows);
  learner_.input("boot_time", boot_time_.data());
}

template class CriticFit<float>;
template class CriticFit<double>;

}  // namespace pigrad
