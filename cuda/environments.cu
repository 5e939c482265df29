#include <string>

#include "../env/acrobot.hpp"
#include "../env/cartpole.hpp"
#include "../env/chain.hpp"
#include "../env/constant_reward.hpp"
#include "../env/mountain_car.hpp"
#include "../env/pendulum.hpp"
#include "../env/swingup.hpp"
#include "panel_env.cuh"

namespace pigrad {
namespace {

template <class T>
struct Entry {
  std::string id;
  std::unique_ptr<DeviceEnv<T>> (*make)(const Spec& spec, int copies);
};

template <class Env, class T, int version = -1>
std::unique_ptr<DeviceEnv<T>> make(const Spec& spec, int copies) {
  if constexpr (version >= 0)
    return std::make_unique<PanelDeviceEnv<Env, T>>(spec, copies, Env::params(version));
  else
    return std::make_unique<PanelDeviceEnv<Env, T>>(spec, copies, typename Env::template Params<double>{});
}

/// The one list of environments on the GPU, by the names that they have in Registry::builtin().
template <class T>
std::vector<Entry<T>> entries() {
  return {{"CartPole-v0", &make<CartPole, T>},
          {"CartPole-v1", &make<CartPole, T>},
          {"CartPoleSwingUp-v0", &make<CartPoleSwingUp, T, 0>},
          {"CartPoleSwingUp-v1", &make<CartPoleSwingUp, T, 1>},
          {"Pendulum-v1", &make<Pendulum, T>},
          {"MountainCar-v0", &make<MountainCar, T>},
          {"MountainCarContinuous-v0", &make<MountainCarContinuous, T>},
          {"Acrobot-v1", &make<Acrobot, T>},
          {ConstantReward::spec().id, &make<ConstantReward, T>},
          {Chain::spec().id, &make<Chain, T>}};
}

}  // namespace

template <class T>
std::unique_ptr<DeviceEnv<T>> make_device_env(const Spec& spec, int copies) {
  std::string names;
  for (const Entry<T>& entry : entries<T>()) {
    if (entry.id == spec.id) return entry.make(spec, copies);
    names += (names.empty() ? "" : ", ") + entry.id;
  }
  throw Error("environment", spec.id + " has no form for the GPU", "use --device cpu, or one of: " + names);
}

template std::unique_ptr<DeviceEnv<float>> make_device_env(const Spec&, int);
template std::unique_ptr<DeviceEnv<double>> make_device_env(const Spec&, int);

}  // namespace pigrad
