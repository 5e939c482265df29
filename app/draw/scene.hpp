#pragma once
#include <string>
#include <vector>

#include "../../env/spec.hpp"
#include "../../rl/watch.hpp"
#include "../canvas.hpp"

namespace pigrad::app {

/// A moment of an episode, kept: what a drawing shows.
struct Scene {
  Scene() = default;
  explicit Scene(const Moment& moment)
      : step(moment.step),
        reward(moment.reward),
        total(moment.total),
        terminated(moment.terminated),
        truncated(moment.truncated),
        observation(*moment.observation),
        action(*moment.action) {}

  int step = 0;
  double reward = 0, total = 0;
  bool terminated = false, truncated = false;
  std::vector<double> observation, action;  ///< action: empty at the start
};

/// Part of a canvas, in its pixels.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

/// How the environments of a family look. One file of draw/ a family, one line in the list in drawing.cpp.
struct Drawing {
  const char* prefix;     ///< of the names of the environments: "CartPole-"
  double steps_a_second;  ///< the pace at which it is shown
  double aspect;          ///< width over height that suits it
  void (*draw)(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
};

/// The drawing of an environment; bars of observations and action where there is none of its own.
const Drawing& drawing_of(const std::string& environment);
/// The list, the one for all others last.
const std::vector<Drawing>& drawings();

}  // namespace pigrad::app
