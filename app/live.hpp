#pragma once
#include <functional>
#include <memory>
#include <string>

#include "../rl/algorithm.hpp"
#include "draw/scene.hpp"
#include "progress.hpp"

namespace pigrad::app {

/// Draws a policy acting above the line of a run's progress while it trains: one thread of its own that plays episodes
/// with a copy of the policy, at the pace of the drawing, starts drawn apart from training's. Training gives it a new
/// policy when it asks for one, and goes on as if nobody watched.
class Live {
 public:
  /// Whether there is anything to draw on: a terminal with room.
  static bool possible(const Display& display);

  /// @param settings of the run
  /// @param news asked at every drawing: what it answers first is said, above the picture
  Live(const TrainSettings& settings, const Display& display, Progress& progress,
       std::function<std::string()> news = {});
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  /// Whether it waits for a newer policy.
  bool wants() const;
  /// The policy to be shown from now on, as checkpoint_of gives it.
  void show(State policy);

 private:
  class Player;
  std::unique_ptr<Player> player_;
};

/// A scene in signs of a terminal, with its words above it.
std::vector<std::string> draw_in_text(const Spec& spec, const Scene& scene, const std::string& title, int columns,
                                      int rows, bool unicode);

}  // namespace pigrad::app
