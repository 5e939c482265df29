#pragma once
#include <string>

#include "../nn/optimiser.hpp"
#include "fields.hpp"

namespace pigrad {

/// An optimiser as people set it: the numbers of nn/optimiser.hpp that a run may change.
struct OptimiserChoice {
  std::string name = "adam";
  double learning_rate = 3e-4;
  std::string schedule = "constant";
  double weight_decay = 0;
  double momentum = 0;
  double beta1 = 0.9, beta2 = 0.999, alpha = 0.99, epsilon = 1e-8;
  bool epsilon_inside = false;
  double initial_mean_square = 0;
  double max_grad_norm = 0;

  bool operator==(const OptimiserChoice&) const = default;
  OptimiserSettings settings(bool maximise = false) const {
    OptimiserSettings s = OptimiserSettings::of(name);
    s.learning_rate = learning_rate;
    s.weight_decay = weight_decay;
    s.maximise = maximise;
    const auto take = [&](const char* key, auto& to, const auto& from) {
      if (optimiser_reads(name, key)) to = from;
    };
    take("momentum", s.momentum, momentum);
    take("beta1", s.beta1, beta1);
    take("beta2", s.beta2, beta2);
    take("alpha", s.alpha, alpha);
    take("epsilon", s.epsilon, epsilon);
    take("epsilon_inside", s.epsilon_inside, epsilon_inside);
    take("initial_mean_square", s.initial_mean_square, initial_mean_square);
    return s;
  }
  template <class V>
  void fields(V& v) {
    v("name", name, "the optimiser", choices(optimiser_names()));
    v("learning_rate", learning_rate, "step size", at_least(0));
    v("schedule", schedule, "how the step size moves over the run: constant, linear:END, cosine:END, …");
    v("weight_decay", weight_decay, "λ: added to the gradient, or decoupled in adamw", at_least(0));
    v("momentum", momentum, "of sgd and rmsprop", at_least(0));
    v("beta1", beta1, "of adam and adamw: decay of the mean gradient", range(0, 1));
    v("beta2", beta2, "of adam and adamw: decay of the mean square", range(0, 1));
    v("alpha", alpha, "of rmsprop: decay of the mean square", range(0, 1));
    v("epsilon", epsilon, "of adam, adamw, rmsprop: keeps the division finite", at_least(0));
    v("epsilon_inside", epsilon_inside, "of rmsprop: ε under the root, as TensorFlow, not beside it, as PyTorch");
    v("initial_mean_square", initial_mean_square, "of rmsprop: before the first step; 1 as TensorFlow, 0 as PyTorch",
      at_least(0));
    v("max_grad_norm", max_grad_norm, "clip the gradient's global norm to this; 0 = no clipping", at_least(0));
  }
};

}  // namespace pigrad
