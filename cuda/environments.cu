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
  int state_size;
};

template <class Env, class T, int version>
std::unique_ptr<DeviceEnv<T>> make(const Spec& spec, int copies) {
  if constexpr (version >= 0)
    return std::make_unique<PanelDeviceEnv<Env, T>>(spec, copies, Env::params(version));
  else
    return std::make_unique<PanelDeviceEnv<Env, T>>(spec, copies, typename Env::template Params<double>{});
}

template <class Env, class T, int version = -1>
Entry<T> entry(const std::string& id) {
  return {id, &make<Env, T, version>, PanelDeviceEnv<Env, T>::fields};
}

/// The one list of environments on the GPU, by the names that they have in Registry::builtin().
template <class T>
std::vector<Entry<T>> entries() {
  return {entry<CartPole, T>("CartPole-v0"),
          entry<CartPole, T>("CartPole-v1"),
          entry<CartPoleSwingUp, T, 0>("CartPoleSwingUp-v0"),
          entry<CartPoleSwingUp, T, 1>("CartPoleSwingUp-v1"),
          entry<Pendulum, T>("Pendulum-v1"),
          entry<MountainCar, T>("MountainCar-v0"),
          entry<MountainCarContinuous, T>("MountainCarContinuous-v0"),
          entry<Acrobot, T>("Acrobot-v1"),
          entry<ConstantReward, T>(ConstantReward::spec().id),
          entry<Chain, T>(Chain::spec().id)};
}

template <class T>
Entry<T> find(const Spec& spec) {
  std::string names;
  for (const Entry<T>& known : entries<T>()) {
    if (known.id == spec.id) return known;
    names += (names.empty() ? "" : ", ") + known.id;
  }
  throw Error("environment", spec.id + " has no form for the GPU", "use --device cpu, or one of: " + names);
}

}  // namespace

template <class T>
std::unique_ptr<DeviceEnv<T>> make_device_env(const Spec& spec, int copies) {
  return find<T>(spec).make(spec, copies);
}

template <class T>
std::size_t device_env_bytes(const Spec& spec, int copies) {
  return DeviceEnv<T>::bytes(copies, find<T>(spec).state_size);
}

template <class T>
int device_env_state_size(const Spec& spec) {
  return find<T>(spec).state_size;
}

template int device_env_state_size<float>(const Spec&);
template int device_env_state_size<double>(const Spec&);
template std::unique_ptr<DeviceEnv<float>> make_device_env(const Spec&, int);
template std::unique_ptr<DeviceEnv<double>> make_device_env(const Spec&, int);
template std::size_t device_env_bytes<float>(const Spec&, int);
template std::size_t device_env_bytes<double>(const Spec&, int);

}  // namespace pigrad
