#pragma once
#include <memory>
#include <pigrad/env/registry.hpp>
#include <pigrad/rl/settings.hpp>
#include <vector>

#include "torch_update.hpp"

namespace pigrad::bench {

/// A training loop of rl/ with LibTorch's networks, autograd and Adam. Environments, random numbers, returns and
/// advantages are the library's, so that both walk the same path; metrics are left out, which favours LibTorch.
template <class T>
class TorchTraining {
 public:
  virtual ~TorchTraining() = default;
  TorchTraining(const TorchTraining&) = delete;
  TorchTraining& operator=(const TorchTraining&) = delete;

  /// Collect, estimate, update.
  virtual void epoch() = 0;
  /// The policy's, then the critic's.
  virtual std::vector<T> parameters() const = 0;

 protected:
  TorchTraining() = default;
};

/// The loop of settings.algorithm, a2c or ppo, as training_settings.hpp has them.
/// @param start parameters of the policy, then of the critic, laid out so
template <class T>
std::unique_ptr<TorchTraining<T>> torch_training(const TrainSettings& settings, const Registry& environments,
                                                 const ParameterLayout& layout, const std::vector<T>& start,
                                                 TorchAdam adam);

}  // namespace pigrad::bench
