#include <algorithm>

#include "families.hpp"

namespace pigrad::app {

const std::vector<Drawing>& drawings() {
  static const std::vector<Drawing> all = {{"CartPole-", 50, 2, draw_cartpole},
                                           {"CartPoleSwingUp-", 100, 2, draw_swingup},
                                           {"InvertedPendulum-", 25, 2, draw_inverted_pendulum},
                                           {"InvertedDoublePendulum-", 20, 1.5, draw_inverted_double_pendulum},
                                           {"Pendulum-", 20, 1.2, draw_pendulum},
                                           {"MountainCar-", 30, 1.5, draw_mountain_car},
                                           {"MountainCarContinuous-", 30, 1.5, draw_mountain_car},
                                           {"Acrobot-", 15, 1.2, draw_acrobot},
                                           {"GridWorld-", 3, 1.2, draw_board},
                                           {"Chain-", 3, 2, draw_board},
                                           {"Target-", 2, 1.2, draw_target},
                                           {"", 10, 1.5, draw_bars}};
  return all;
}

const Drawing& drawing_of(const std::string& environment) {
  return *std::find_if(drawings().begin(), drawings().end(),
                       [&](const Drawing& drawing) { return environment.starts_with(drawing.prefix); });
}

}  // namespace pigrad::app
