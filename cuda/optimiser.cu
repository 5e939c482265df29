#include "optimiser.hpp"
#include "sums.cuh"

namespace pigrad {
namespace {

template <class T>
struct Square {
  const T* g;
  PIGRAD_HD double operator()(int, int i) const {
    const double x = static_cast<double>(g[i]);
    return x * x;
  }
};

/// No infinity, no NaN.
PIGRAD_HD inline bool is_finite(double x) { return x - x == 0; }

template <class T>
struct Judge {
  const T* loss;
  DeviceVerdict* verdict;
  int which;
  PIGRAD_HD void operator()(int, double squares) const {
    using std::sqrt;
    verdict->norm[which] = sqrt(squares);
    if (!is_finite(verdict->norm[which]) || !is_finite(static_cast<double>(*loss))) verdict->failed = 1;
  }
};

template <class T>
struct HoldAbove {
  const T* kl;
  double most;
  DeviceVerdict* verdict;
  PIGRAD_HD void operator()(long long) const {
    if (static_cast<double>(*kl) > most) verdict->held = 1;
  }
};

/// What stands before each optimiser's own: no step after a failure, and the gradient clipped as clip_known_norm does.
template <class T, class Move>
struct StepEach {
  const DeviceVerdict* verdict;
  int which;
  double max_norm;
  T* parameters;
  const T* gradient;
  Move move;

  PIGRAD_HD void operator()(long long i) const {
    constexpr double epsilon = 1e-6;
    if (verdict->failed > 0 || (verdict->held > 0 && which == 0)) return;
    const double norm = verdict->norm[which];
    T g = gradient[i];
    if (max_norm > 0 && norm + epsilon > max_norm) g *= static_cast<T>(max_norm / (norm + epsilon));
    move(i, parameters[i], g);
  }
};

template <class T>
struct MoveAdam {
  const DeviceStep<T>* step;
  T *mean, *square;
  PIGRAD_HD void operator()(long long i, T& parameter, T g) const {
    move_adam(step->adam, parameter, g, mean[i], square[i]);
  }
};
template <class T>
struct MoveRmsProp {
  const DeviceStep<T>* step;
  T *square, *mean, *velocity;
  PIGRAD_HD void operator()(long long i, T& parameter, T g) const {
    move_rmsprop(step->rmsprop, parameter, g, square[i], mean ? mean + i : nullptr, velocity ? velocity + i : nullptr);
  }
};
template <class T>
struct MoveSgd {
  const DeviceStep<T>* step;
  T* velocity;
  PIGRAD_HD void operator()(long long i, T& parameter, T g) const {
    move_sgd(step->sgd, parameter, g, velocity ? velocity + i : nullptr);
  }
};

/// The numbers of the round's k-th step.
template <class T, class Rule>
struct FindStep {
  Rule rule;
  const StepNumbers* numbers;
  DeviceStep<T>* out;
  PIGRAD_HD void operator()(long long k) const {
    const auto step = rule.template step<T>(numbers->learning_rate, numbers->steps + k + 1);
    if constexpr (std::is_same_v<Rule, AdamRule>)
      out[k].adam = step;
    else if constexpr (std::is_same_v<Rule, RmsPropRule>)
      out[k].rmsprop = step;
    else
      out[k].sgd = step;
  }
};

}  // namespace

template <class T>
DeviceOptimiser<T>::DeviceOptimiser(const Optimiser<T>& like, double max_grad_norm, int which, int most_steps)
    : settings_(like.settings()),
      range_(like.range()),
      max_grad_norm_(max_grad_norm),
      which_(which),
      steps_(like.steps()),
      numbers_(static_cast<std::size_t>(most_steps)) {
  for (const auto& array : like.state())
    arrays_.push_back({array.name, DeviceArray<T>(std::vector<T>(array.data, array.data + array.size))});
}

template <class T>
std::size_t DeviceOptimiser<T>::bytes(const Optimiser<T>& like, int most_steps) {
  std::size_t scalars = 0;
  for (const auto& array : like.state()) scalars += static_cast<std::size_t>(array.size);
  return scalars * sizeof(T) + static_cast<std::size_t>(most_steps) * sizeof(DeviceStep<T>);
}

template <class T>
void DeviceOptimiser<T>::begin_round(const StepNumbers* numbers) {
  launched_ = 0;
  const auto find = [&](const auto& rule) {
    for_each_index(settings_.name.c_str(), static_cast<long long>(numbers_.size()),
                   FindStep<T, std::decay_t<decltype(rule)>>{rule, numbers, numbers_.data()});
  };
  if (settings_.name == "sgd")
    find(SgdRule(settings_));
  else if (settings_.name == "rmsprop")
    find(RmsPropRule(settings_));
  else
    find(AdamRule(settings_));
}

template <class T>
void DeviceOptimiser<T>::judge(const T* loss, const T* gradient, DeviceVerdict* verdict, double* scratch) const {
  sum_over_rows("norm", 1, range_.size(), Square<T>{gradient + range_.begin}, Judge<T>{loss, verdict, which_}, scratch);
}

template <class T>
void DeviceOptimiser<T>::step(T* parameters, const T* gradient, const DeviceVerdict* verdict) {
  require(static_cast<std::size_t>(launched_) < numbers_.size(), "DeviceOptimiser", "the round has had its steps",
          "make it for more");
  const DeviceStep<T>* numbers = numbers_.data() + launched_++;
  const auto launch = [&](const auto& move) {
    for_each_index(settings_.name.c_str(), range_.size(),
                   StepEach<T, std::decay_t<decltype(move)>>{verdict, which_, max_grad_norm_, parameters + range_.begin,
                                                             gradient + range_.begin, move});
  };
  const bool momentum = settings_.momentum > 0;
  if (settings_.name == "sgd")
    launch(MoveSgd<T>{numbers, momentum ? array(0) : nullptr});
  else if (settings_.name == "rmsprop")
    launch(MoveRmsProp<T>{numbers, array(0), settings_.centered ? array(1) : nullptr,
                          momentum ? array(settings_.centered ? 2 : 1) : nullptr});
  else
    launch(MoveAdam<T>{numbers, array(0), array(1)});
}

template <class T>
void hold_above(const T* kl, double most, DeviceVerdict* verdict) {
  for_each_index("hold", 1, HoldAbove<T>{kl, most, verdict});
}

template void hold_above(const float*, double, DeviceVerdict*);
template void hold_above(const double*, double, DeviceVerdict*);
template class DeviceOptimiser<float>;
template class DeviceOptimiser<double>;

}  // namespace pigrad
