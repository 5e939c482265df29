#pragma once
#include <vector>

/// What the five exercises ask for. docs/book/exercises.md has the tasks; `./pigrad exercise 1` checks 1_score.cpp.
namespace exercise {

/// ∇_z ln π(action) of π = softmax(z), one entry a logit.
std::vector<double> score(const std::vector<double>& logits, int action);

/// Ψ_i = G_i − the mean of the other returns. There are at least two.
std::vector<double> leave_one_out(const std::vector<double>& returns);

/// One step of a copy as GAE sees it.
struct Step {
  double reward, value;  ///< r_t, V(s_t)
  double next_value;     ///< V'_t, already 0 at a true end
  bool cut;              ///< no sum runs on to the next step: an end, a time limit, or the last step
};

/// Generalised advantages, one a step.
std::vector<double> gae(const std::vector<Step>& path, double gamma, double lambda);

/// One step of a copy that is reset at once where an episode ended: the next step then belongs to a new episode.
struct Transition {
  double value;                ///< V of the observation before the step
  double final_value;          ///< V of the episode's last observation; a number without meaning where none ended
  bool terminated, truncated;  ///< the environment's own end; a time limit. Both: an end
};

/// V'_t of every step. `edge_value` is V of the observation after the last step, if its episode goes on.
std::vector<double> next_values(const std::vector<Transition>& steps, double edge_value);

/// PPO's objective of one row is min(ρÂ, clip(ρ, 1−ε, 1+ε)Â). Its gradient is c·∇ln π: this gives c.
double pull(double ratio, double advantage, double epsilon);

}  // namespace exercise
