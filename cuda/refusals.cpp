#include "refusals.hpp"

#include "../core/error.hpp"

namespace pigrad {

void refuse_what_has_no_device_form(const TrainSettings& s) {
  const auto refuse = [](bool asked, const std::string& key, const std::string& value) {
    if (asked) throw Error(key, value + " has no form for the GPU yet", "set another, or use --device cpu");
  };
  refuse(s.boundary.edge == "drop" && !s.whole_episodes, "boundary.edge", "drop");
  refuse(s.whole_episodes && (s.reward.scale || s.reward.clip > 0), "whole_episodes", "true, with reward.*,");
  refuse(s.advantage.values == "last_step", "advantage.values", "last_step");
  refuse(s.advantage.edge_twice, "advantage.edge_twice", "true");
  refuse(s.advantage.per_episode, "advantage.per_episode", "true");
  refuse(s.critic.of_actions(), "critic.kind", s.critic.kind);
  refuse(s.critic.scale != "none", "critic.scale", s.critic.scale);
  refuse(s.source_figure != "none", "source_figure", s.source_figure);
  refuse(s.grad_metrics > 0, "grad_metrics", std::to_string(s.grad_metrics));
}

}  // namespace pigrad
