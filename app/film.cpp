#include "film.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../core/error.hpp"
#include "draw/stage.hpp"
#include "gif.hpp"

namespace pigrad::app {
namespace {

constexpr int kStepsWithoutLimit = 500;
constexpr std::size_t kMostFilms = 64, kMostFrames = 30000;
constexpr double kPause = 0.8;  // seconds after an episode

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value == std::floor(value) && std::abs(value) < 1e6 ? "%.0f" : "%.1f", value);
  return text;
}

/// Which scene of which episode each frame shows.
struct Place {
  std::size_t episode, scene;
};

struct Pace {
  int skip;       ///< steps a frame
  double frames;  ///< a second
};

Pace pace_of(const Film& film, double most_frames) {
  const double steps = drawing_of(film.spec.id).steps_a_second;
  const int skip = std::max(1, static_cast<int>(std::ceil(steps / most_frames - 1e-9)));
  return {skip, steps / skip};
}

std::vector<Place> places(const Film& film, const Pace& pace) {
  std::vector<Place> all;
  for (std::size_t e = 0; e < film.episodes.size(); ++e) {
    const std::size_t scenes = film.episodes[e].size();
    for (std::size_t s = 0; s + 1 < scenes; s += static_cast<std::size_t>(pace.skip)) all.push_back({e, s});
    const auto held = 1 + static_cast<std::size_t>(std::lround(kPause * pace.frames));
    all.insert(all.end(), held, {e, scenes - 1});
  }
  return all;
}

/// Rows and columns of tiles, and their size in pixels.
struct Wall {
  explicit Wall(const std::vector<Film>& films) {
    columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(films.size()))));
    rows = (static_cast<int>(films.size()) + columns - 1) / columns;
    width = columns == 1 ? 480 : columns == 2 ? 360 : 270;
    double body = 0;
    for (const Film& film : films) body = std::max(body, width / drawing_of(film.spec.id).aspect);
    height = std::round(body) + kHead + kFoot;
  }
  Box tile(std::size_t i) const {
    const auto n = static_cast<int>(i);
    return {n % columns * width, n / columns * height, width, height};
  }

  static constexpr double kHead = 42, kFoot = 8;
  int columns, rows;
  double width, height;
};

void draw_tile(Canvas& canvas, const Box& box, const Film& film, const Scene& scene) {
  const double edge = box.x + 12;
  canvas.text({edge, box.y + 17}, film.title, {13, ink::words, true});
  canvas.text({edge, box.y + 35}, caption(scene), {12.5, ink::words});
  const bool bad = scene.terminated && scene.total < film.spec.reward_threshold;
  canvas.text({box.x + box.width - 12, box.y + 35}, ending(scene), {12.5, bad ? ink::bad : ink::soft, false, 1});
  const Box body{box.x, box.y + Wall::kHead, box.width, box.height - Wall::kHead - Wall::kFoot};
  canvas.clip({body.x, body.y}, body.width, body.height);
  drawing_of(film.spec.id).draw(canvas, body, film.spec, scene);
  canvas.unclip();
}

}  // namespace

std::string caption(const Scene& scene) {
  return "step " + std::to_string(scene.step) + "   return " + number(scene.total);
}

std::string ending(const Scene& scene) { return scene.terminated ? "ended" : scene.truncated ? "time limit" : ""; }

Film film(const Algorithm& algorithm, const std::string& title, const FilmOptions& options) {
  Film result{algorithm.spec(), title, {}};
  result.episodes.resize(static_cast<std::size_t>(options.episodes));
  Watch watch;
  watch.episodes = options.episodes;
  watch.greedy = options.greedy;
  watch.seed = static_cast<std::uint64_t>(options.seed < 0 ? algorithm.settings().seed : options.seed);
  watch.most_steps = options.most_steps > 0           ? options.most_steps
                     : algorithm.spec().max_steps > 0 ? 0
                                                      : kStepsWithoutLimit;
  watch.see = [&](const Moment& moment) {
    result.episodes[static_cast<std::size_t>(moment.episode)].emplace_back(moment);
    return true;
  };
  algorithm.watch(watch);
  return result;
}

std::string draw_films(const std::vector<Film>& films, const FilmOptions& options) {
  if (films.empty() || films.size() > kMostFilms)
    throw Error("play", std::to_string(films.size()) + " policies", "show from 1 to " + std::to_string(kMostFilms));
  const Wall wall(films);
  const Pace pace = pace_of(films.front(), options.most_frames);
  std::vector<std::vector<Place>> timelines;
  std::size_t frames = 0;
  for (const Film& film : films) {
    timelines.push_back(places(film, {pace_of(film, options.most_frames).skip, pace.frames}));
    frames = std::max(frames, timelines.back().size());
  }
  if (frames > kMostFrames)
    throw Error("play", std::to_string(frames) + " frames", "ask for fewer --episodes, --steps or --fps");
  Animation animation;
  for (std::size_t i = 0; i < frames; ++i) {
    const auto until = [&](std::size_t n) { return std::lround(100 * static_cast<double>(n) / pace.frames); };
    animation.delays.push_back(static_cast<int>(until(i + 1) - until(i)));
  }
  animation.frame = [&](std::size_t frame) {
    const auto canvas = png_canvas(wall.columns * wall.width, wall.rows * wall.height, 1);
    for (std::size_t i = 0; i < films.size(); ++i) {
      const Place& place = timelines[i][std::min(frame, timelines[i].size() - 1)];
      draw_tile(*canvas, wall.tile(i), films[i], films[i].episodes[place.episode][place.scene]);
    }
    return canvas->pixels();
  };
  return draw_gif(animation);
}

}  // namespace pigrad::app
