#pragma once
#include <string>

#include "fields.hpp"

namespace pigrad {

/// What stands for the value after a cut path.
struct BoundarySettings {
  std::string truncation = "bootstrap";
  std::string edge = "bootstrap";
  bool edge_over_end = false;

  template <class V>
  void fields(V& v) {
    v("truncation", truncation,
      "at a time limit: bootstrap from V(final observation), or terminate: 0, as if the task had ended",
      choices{"bootstrap", "terminate"});
    v("edge", edge,
      "at the epoch's edge: bootstrap from V(next observation); last_reward: the last reward stands for V; "
      "drop: leave the unfinished episode out",
      choices{"bootstrap", "last_reward", "drop"});
    v("edge_over_end", edge_over_end,
      "apply the edge's rule to an episode that ended exactly there too (a fault of the source)");
  }
};

}  // namespace pigrad
