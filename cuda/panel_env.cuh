#pragma once
#include "persistent.cuh"

namespace pigrad {

/// An environment of pure dynamics (see PanelDynamics) on the device.
template <class Env, class T>
class PanelDeviceEnv final : public DeviceEnv<T> {
 public:
  using Params = typename Env::template Params<T>;
  static constexpr int fields = scalars_in<typename Env::template State<T>, T>();

  PanelDeviceEnv(const Spec& spec, int copies, const typename Env::template Params<double>& params)
      : DeviceEnv<T>(spec, copies, fields), params_(convert_params<Params, T>(params)) {
    for (int a = 0; a < Env::action_size; ++a) {
      bounds_.low[a] = static_cast<T>(spec.action.low[static_cast<std::size_t>(a)]);
      bounds_.high[a] = static_cast<T>(spec.action.high[static_cast<std::size_t>(a)]);
    }
  }
  int state_size() const override { return fields; }
  void rollout(const PersistentCall<T>& call) override {
    const detail::PersistentShared<T> shared(call.policy, most_shared_bytes());
    const long long blocks = (this->part_.size() + detail::persistent_copies - 1) / detail::persistent_copies;
    for_each_block(
        "rollout", blocks, detail::persistent_threads, shared.bytes(),
        detail::PersistentRollout<Env, T>{call, step_copy({}, {}), shared, this->part_.begin, this->part_.end});
  }
  void step(const Actions<T>& actions, const DeviceStepBuffers<T>& out) override {
    for_each_index("environment", this->part_.size(), step_copy(actions, out));
  }
  void observe(T* obs, std::ptrdiff_t ld) const override {
    for_each_index("environment", this->copies_,
                   detail::ObserveCopy<Env, T>{params_, this->states_.data(), this->ld_, obs, ld});
  }
  void restart() override {
    for_each_index("environment", this->copies_,
                   detail::RestartCopy<Env, T>{params_, Random(this->seed_, Purpose::reset), this->states_.data(),
                                               this->ld_, this->counters()});
  }

 private:
  detail::StepCopy<Env, T> step_copy(const Actions<T>& actions, const DeviceStepBuffers<T>& out) {
    return {params_,
            Random(this->seed_, Purpose::reset),
            this->copies_,
            this->part_.begin,
            this->spec_.max_steps,
            this->states_.data(),
            this->ld_,
            this->counters(),
            actions,
            bounds_,
            out};
  }

  Params params_;
  detail::ActionBounds<T, Env::action_size> bounds_{};
};

}  // namespace pigrad
