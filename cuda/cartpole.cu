#include "../env/cartpole.hpp"
#include "dynamics.cuh"

namespace pigrad {

#define PIGRAD_INSTANTIATE(T)                                                                                       \
  template void device_reset<CartPole, T>(const CartPole::Params<T>&, const Random&, const std::uint64_t*,          \
                                          const DeviceStates<T>&);                                                  \
  template void device_step<CartPole, T>(const CartPole::Params<T>&, const DeviceStates<T>&, const Actions<T>&, T*, \
                                         std::uint8_t*);                                                            \
  template void device_observe<CartPole, T>(const CartPole::Params<T>&, const DeviceStates<T>&, T*, std::ptrdiff_t)

PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);

}  // namespace pigrad
