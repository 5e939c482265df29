#pragma once
#include <memory>
#include <pigrad/env/registry.hpp>
#include <pigrad/rl/settings.hpp>
#include <vector>

#include "torch_update.hpp"

namespace pigrad::bench {

/// The loop of rl/a2c.hpp with LibTorch's networks, autograd and Adam. Environments, random numbers, returns and
/// advantages are the library's, so that both walk the same path; metrics are left out, which favours LibTorch.
template <class T>
class TorchA2c {
 public:
  /// @param start parameters of the policy, then of the critic, laid out so
  TorchA2c(const TrainSettings& settings, const Registry& environments, const ParameterLayout& layout,
           const std::vector<T>& start, TorchAdam adam);
  ~TorchA2c();
  TorchA2c(TorchA2c&&) = delete;

  /// Collect, estimate, one step of each network.
  void epoch();
  std::vector<T> parameters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigrad::bench
