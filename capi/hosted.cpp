#include "hosted.hpp"

#include <algorithm>

namespace pigrad::capi {
namespace {

template <class T>
class HostedIn final : public Hosted {
 public:
  HostedIn(const TrainSettings& settings, const Spec& spec)
      : run_(make_hosted<T>(settings, spec)),
        obs_(static_cast<std::size_t>(spec.observation.size())),
        action_(static_cast<std::size_t>(run_->agent().action_size())) {}

  const Algorithm& algorithm() const override { return *run_; }
  Algorithm& algorithm() override { return *run_; }
  bool ready() const override { return run_->ready(); }
  Metrics update(int threads) override { return run_->update(threads); }

  int act(const float* obs, float* action, int copy) override {
    const int choice = run_->act(seen(obs), action_.data(), copy);
    if (!action_.empty()) std::transform(action_.begin(), action_.end(), action, [](T x) { return float(x); });
    return choice;
  }
  void observe(float reward, bool terminated, bool truncated, const float* next_obs, int copy) override {
    run_->observe(static_cast<T>(reward), terminated, truncated, seen(next_obs), copy);
  }

 private:
  const T* seen(const float* obs) {
    std::copy_n(obs, obs_.size(), obs_.begin());
    return obs_.data();
  }

  std::unique_ptr<OnPolicy<T>> run_;
  std::vector<T> obs_, action_;
};

}  // namespace

std::unique_ptr<Hosted> make_hosted_in_float(const TrainSettings& settings, const Spec& spec) {
  if (settings.scalar == "float64") return std::make_unique<HostedIn<double>>(settings, spec);
  return std::make_unique<HostedIn<float>>(settings, spec);
}

}  // namespace pigrad::capi
