#include "advantage.hpp"

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
       [](const In& in, T* out) { gae(in.path, in.gamma, in.lambda, in.value, in.next_value, out); }},
  };
  return list;
}

template <class T>
void estimate_advantage(const AdvantageSettings& settings, const AdvantageInput<T>& in, std::vector<T>& out) {
  const int rows = in.path.steps * in.path.copies;
  out.resize(static_cast<std::size_t>(rows));
  std::string names;
  for (const auto& e : advantage_estimators<T>()) {
    names += (names.empty() ? "" : ", ") + std::string(e.name);
    if (settings.estimator != e.name) continue;
    if (!in.value && (e.needs_critic || (e.returns && settings.baseline)))
      throw Error("advantage.estimator",
                  settings.estimator + (e.needs_critic ? "" : " with a baseline") +
                      " needs V(s), and this algorithm has no critic",
                  "use return_to_go with advantage.baseline=false, or algorithm=a2c");
    e.estimate(in, out.data());
    if (e.returns && settings.baseline)
      for (int i = 0; i < rows; ++i) out[static_cast<std::size_t>(i)] -= in.value[i];
    if (settings.discount_time) {
      std::vector<T> weight(out.size());
      discount_weight(in.path, in.gamma, nullptr, weight.data());
      for (std::size_t i = 0; i < out.size(); ++i) out[i] *= weight[i];
    }
    return;
  }
  throw Error("advantage.estimator", "there is no '" + settings.estimator + "'", "use one of: " + names);
}

template const std::vector<AdvantageEstimator<float>>& advantage_estimators<float>();
template const std::vector<AdvantageEstimator<double>>& advantage_estimators<double>();
template void estimate_advantage(const AdvantageSettings&, const AdvantageInput<float>&, std::vector<float>&);
template void estimate_advantage(const AdvantageSettings&, const AdvantageInput<double>&, std::vector<double>&);

}  // namespace pigrad
