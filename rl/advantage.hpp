#pragma once
#include <string>
#include <vector>

#include "returns.hpp"
#include "settings.hpp"

namespace pigrad {

/// What a Ψ is estimated from. value is null without a V; next_value always holds V' (0 where nothing bootstraps).
template <class T>
struct AdvantageInput {
  Path<T> path;
  T gamma = 1, lambda = 1;
  int n = 1;
  bool baseline = false;
  const T* value = nullptr;
  const T* next_value = nullptr;
  const T* action_value = nullptr;  ///< Q(s, a), null unless the critic is of actions
  bool across_ends = false;         ///< see gae
  T return_scale = 1;               ///< of returns, before a baseline is subtracted
  const int* first_step = nullptr;  ///< [E] see discount_weight
};

/// One Ψ of the policy gradient Σ_t Ψ_t ∇ log π(a_t|s_t) (Schulman et al. 2016, eq. 1).
template <class T>
struct AdvantageEstimator {
  const char* name;
  bool needs_critic;
  bool returns;  ///< a return or Q, from which a baseline may be subtracted
  void (*estimate)(const AdvantageInput<T>& in, T* out);
};

/// The one list of estimators.
template <class T>
const std::vector<AdvantageEstimator<T>>& advantage_estimators();

/// The estimator that `settings` names. Throws Error if there is none, or if it or its baseline needs a critic and
/// there is none.
template <class T>
const AdvantageEstimator<T>& find_estimator(const AdvantageSettings& settings, bool with_critic);

/// Ψ of every row by the estimator that `settings` names, baseline subtracted if asked, not yet normalised.
/// Throws Error if it needs a critic and there is none.
template <class T>
void estimate_advantage(const AdvantageSettings& settings, const AdvantageInput<T>& in, std::vector<T>& out);

}  // namespace pigrad
