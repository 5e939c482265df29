#include "advantage.hpp"

#include <algorithm>

#include "../core/error.hpp"

namespace pigrad {

template <class T>
const std::vector<AdvantageEstimator<T>>& advantage_estimators() {
  using In = AdvantageInput<T>;
  static const std::vector<AdvantageEstimator<T>> list = {
      {"total_return", false, true, [](const In& in, T* out) { total_return(in.path, in.gamma, in.next_value, out); }},
      {"reward_to_go", false, true, [](const In& in, T* out) { return_to_go(in.path, T(1), in.next_value, out); }},
      {"return_to_go", false, true, [](const In& in, T* out) { return_to_go(in.path, in.gamma, in.next_value, out); }},
      {"td_error", true, false,
       [](const In& in, T* out) { td_error(in.path, in.gamma, in.value, in.next_value, out); }},
      {"n_step", true, true, [](const In& in, T* out) { n_step_return(in.path, in.gamma, in.n, in.next_value, out); }},
      {"gae", true, false,
       [](const In& in, T* out) { gae(in.path, in.gamma, in.lambda, in.value, in.next_value, out, in.across_ends); }},
      {"q", true, true,
       [](const In& in, T* out) {
         require(in.action_value != nullptr, "advantage.estimator", "q needs Q(s, a)",
                 "set critic.kind to q or q_action");
         std::copy_n(in.action_value, in.path.steps * in.path.copies, out);
       }},
  };
  return list;
}

std::vector<std::string> estimator_names() {
  std::vector<std::string> names;
  for (const auto& e : advantage_estimators<double>()) names.emplace_back(e.name);
  return names;
}

template <class T>
const AdvantageEstimator<T>& find_estimator(const AdvantageSettings& settings, bool with_critic) {
  std::string names;
  for (const auto& e : advantage_estimators<T>()) {
    names += (names.empty() ? "" : ", ") + std::string(e.name);
    if (settings.estimator != e.name) continue;
    if (!with_critic && (e.needs_critic || settings.baseline))
      throw Error("advantage.estimator",
                  settings.estimator + (e.needs_critic ? "" : " with a baseline") +
                      " needs V(s), and this algorithm has no critic",
                  "use return_to_go with advantage.baseline=false, or algorithm=a2c");
    return e;
  }
  throw Error("advantage.estimator", "there is no '" + settings.estimator + "'", "use one of: " + names);
}

template <class T>
void estimate_advantage(const AdvantageSettings& settings, const AdvantageInput<T>& in, std::vector<T>& out) {
  const AdvantageEstimator<T>& estimator =
      find_estimator<T>(settings, in.value != nullptr || in.action_value != nullptr);
  out.resize(static_cast<std::size_t>(in.path.steps) * static_cast<std::size_t>(in.path.copies));
  estimator.estimate(in, out.data());
  if (estimator.returns && in.return_scale != T(1))
    for (T& x : out) x *= in.return_scale;
  if (estimator.returns && settings.baseline)
    for (std::size_t i = 0; i < out.size(); ++i) out[i] -= in.value[i];
  if (!settings.discount_time) return;
  std::vector<T> weight(out.size());
  discount_weight(in.path, in.gamma, in.first_step, weight.data());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] *= weight[i];
}

template const std::vector<AdvantageEstimator<float>>& advantage_estimators<float>();
template const std::vector<AdvantageEstimator<double>>& advantage_estimators<double>();
template const AdvantageEstimator<float>& find_estimator(const AdvantageSettings&, bool);
template const AdvantageEstimator<double>& find_estimator(const AdvantageSettings&, bool);
template void estimate_advantage(const AdvantageSettings&, const AdvantageInput<float>&, std::vector<float>&);
template void estimate_advantage(const AdvantageSettings&, const AdvantageInput<double>&, std::vector<double>&);

}  // namespace pigrad
