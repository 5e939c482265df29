#include "../env/acrobot.hpp"
#include "../env/cartpole.hpp"
#include "../env/mountain_car.hpp"
#include "../env/pendulum.hpp"
#include "../env/swingup.hpp"
#include "dynamics.cuh"

namespace pigrad {

#define PIGRAD_INSTANTIATE(Env, T)                                                                        \
  template void device_reset<Env, T>(const Env::Params<T>&, const Random&, const std::uint64_t*,          \
                                     const DeviceStates<T>&);                                             \
  template void device_step<Env, T>(const Env::Params<T>&, const DeviceStates<T>&, const Actions<T>&, T*, \
                                    std::uint8_t*);                                                       \
  template void device_observe<Env, T>(const Env::Params<T>&, const DeviceStates<T>&, T*, std::ptrdiff_t)
#define PIGRAD_ENVIRONMENT(Env)   \
  PIGRAD_INSTANTIATE(Env, float); \
  PIGRAD_INSTANTIATE(Env, double)

PIGRAD_ENVIRONMENT(CartPole);
PIGRAD_ENVIRONMENT(CartPoleSwingUp);
PIGRAD_ENVIRONMENT(Pendulum);
PIGRAD_ENVIRONMENT(MountainCar);
PIGRAD_ENVIRONMENT(MountainCarContinuous);
PIGRAD_ENVIRONMENT(Acrobot);

}  // namespace pigrad
