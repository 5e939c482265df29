#pragma once
#include <string>
#include <vector>

#include "../rl/algorithm.hpp"
#include "draw/scene.hpp"

namespace pigrad::app {

struct FilmOptions {
  int episodes = 1;
  bool greedy = true;
  std::int64_t seed = -1;   ///< of starts and sampled actions; negative: the run's, as `pigrad eval` takes it
  int most_steps = 0;       ///< of an episode; 0: the environment's own limit
  double most_frames = 25;  ///< a second
};

/// Episodes that a policy played, to be shown one after the other.
struct Film {
  Spec spec;
  std::string title;
  std::vector<std::vector<Scene>> episodes;  ///< each from its start to its end
};

/// Plays the episodes with the present policy, in fresh copies, without changing the algorithm.
Film film(const Algorithm& algorithm, const std::string& title, const FilmOptions& options);

/// The films side by side, from the left, row by row: as many columns as rows, or one more. A film that is over waits
/// for the longest. Returns the bytes of a GIF file. Throws Error where there are too many films or frames.
std::string draw_films(const std::vector<Film>& films, const FilmOptions& options);

/// What is written above a scene: "step 120   return 118".
std::string caption(const Scene& scene);
/// "fell", "time limit", or nothing: how the episode ended.
std::string ending(const Scene& scene);

}  // namespace pigrad::app
