#include "bandit.hpp"
#include "cartpole.hpp"
#include "chain.hpp"
#include "constant_reward.hpp"
#include "grid_world.hpp"
#include "registry.hpp"
#include "target.hpp"

namespace pigrad {

Registry Registry::builtin() {
  Registry registry;
  registry.add<CartPole>(CartPole::spec(0));
  registry.add<CartPole>(CartPole::spec(1));
  registry.add<ConstantReward>(ConstantReward::spec());
  registry.add<Chain>(Chain::spec());
  registry.add<Bandit>(Bandit::spec());
  registry.add<GridWorld>(GridWorld::spec());
  registry.add<Target>(Target::spec());
  return registry;
}

}  // namespace pigrad
