#pragma once
#include <memory>

#include "../rl/on_policy.hpp"

namespace pigrad::capi {

/// An algorithm over a host's environment that speaks float, whatever it computes in.
class Hosted {
 public:
  virtual ~Hosted() = default;
  virtual const Algorithm& algorithm() const = 0;
  virtual Algorithm& algorithm() = 0;
  virtual int act(const float* obs, float* action, int copy) = 0;
  virtual void observe(float reward, bool terminated, bool truncated, const float* next_obs, int copy) = 0;
  virtual bool ready() const = 0;
  virtual Metrics update(int threads) = 0;
};

/// Throws Error for settings that do not go with the task or with each other.
std::unique_ptr<Hosted> make_hosted_in_float(const TrainSettings& settings, const Spec& spec);

}  // namespace pigrad::capi
