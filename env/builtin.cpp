#include "acrobot.hpp"
#include "bandit.hpp"
#include "cartpole.hpp"
#include "chain.hpp"
#include "constant_reward.hpp"
#include "grid_world.hpp"
#include "mountain_car.hpp"
#include "pendulum.hpp"
#include "registry.hpp"
#include "swingup.hpp"
#include "target.hpp"

namespace pigrad {

Registry Registry::builtin() {
  Registry registry;
  registry.add<CartPole>(CartPole::spec(0));
  registry.add<CartPole>(CartPole::spec(1));
  registry.add<CartPoleSwingUp>(CartPoleSwingUp::spec(0), CartPoleSwingUp::params(0));
  registry.add<CartPoleSwingUp>(CartPoleSwingUp::spec(1), CartPoleSwingUp::params(1));
  registry.add<Pendulum>(Pendulum::spec());
  registry.add<MountainCar>(MountainCar::spec());
  registry.add<MountainCarContinuous>(MountainCarContinuous::spec());
  registry.add<Acrobot>(Acrobot::spec());
  registry.add<ConstantReward>(ConstantReward::spec());
  registry.add<Chain>(Chain::spec());
  registry.add<Bandit>(Bandit::spec());
  registry.add<GridWorld>(GridWorld::spec());
  registry.add<Target>(Target::spec());
  return registry;
}

}  // namespace pigrad
