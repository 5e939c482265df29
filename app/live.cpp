#include "live.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "../core/error.hpp"
#include "canvas_terminal.hpp"
#include "draw/scene.hpp"
#include "environments.hpp"
#include "film.hpp"
#include "text.hpp"

namespace pigrad::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLeastColumns = 24, kLeastRows = 10, kMostColumns = 72, kMostRows = 18;
constexpr double kFrames = 20, kPause = 0.5, kStale = 3;  // frames a second; seconds

Clock::duration seconds(double s) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s));
}

}  // namespace

std::vector<std::string> draw_in_text(const Spec& spec, const Scene& scene, const std::string& title, int columns,
                                      int rows, bool unicode) {
  const std::string end = ending(scene);
  std::vector<std::string> lines = {
      shorten(title + "   " + caption(scene) + (end.empty() ? "" : "   " + end), columns)};
  const auto canvas = terminal_canvas(columns, rows - 1, unicode);
  const Box box{0, 0, columns * TerminalCanvas::sign_width, (rows - 1) * TerminalCanvas::sign_height};
  drawing_of(spec.id).draw(*canvas, box, spec, scene);
  for (std::string& line : canvas->lines()) lines.push_back(std::move(line));
  return lines;
}

/// The thread, and what it shares: the newest policy, and whether to stop.
class Live::Player {
 public:
  Player(const TrainSettings& settings, const Display& display, Progress& progress, std::function<std::string()> news)
      : settings_(settings), display_(display), progress_(progress), news_(std::move(news)), thread_([this] {
          run();
        }) {}

  ~Player() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  bool wants() {
    const std::lock_guard lock(mutex_);
    return wants_;
  }

  void show(State policy) {
    {
      const std::lock_guard lock(mutex_);
      newest_ = std::move(policy);
      wants_ = false;
    }
    changed_.notify_all();
  }

 private:
  void run() {
    try {
      const Registry environments = all_environments();
      const auto algorithm = make_algorithm(settings_, environments);
      for (int number = 0; load_newest(*algorithm, number == 0); ++number) play(*algorithm, number);
    } catch (const std::exception& fault) {
      progress_.picture({});
      progress_.say(std::string("--live stops: ") + fault.what());
      const std::lock_guard lock(mutex_);
      wants_ = false;
    }
  }

  // Waits for a policy that was not shown yet; false at the end, but of a run too short for any other picture.
  bool load_newest(Algorithm& algorithm, bool first) {
    std::unique_lock lock(mutex_);
    wants_ = !newest_;
    changed_.wait(lock, [&] { return stopped_ || newest_; });
    if (stopped_ && !(newest_ && first)) return false;
    const State policy = std::move(*newest_);
    newest_.reset();
    lock.unlock();
    algorithm.load(policy);
    return true;
  }

  void play(const Algorithm& algorithm, int number) {
    const double steps = drawing_of(algorithm.spec().id).steps_a_second;
    const int skip = std::max(1, static_cast<int>(std::ceil(steps / kFrames)));
    const std::string title = "epoch " + std::to_string(algorithm.epochs_done());
    const Clock::time_point began = Clock::now();
    Clock::time_point next = began;
    Watch watch;
    watch.seed = static_cast<std::uint64_t>(algorithm.settings().seed) + static_cast<std::uint64_t>(number);
    watch.most_steps = algorithm.spec().max_steps > 0 ? 0 : 500;
    watch.see = [&](const Moment& moment) {
      tell_news();
      const bool over = moment.terminated || moment.truncated;
      if (moment.step % skip != 0 && !over) return true;
      const int columns = std::min(display_.columns() - 1, kMostColumns),
                rows = std::min(display_.rows() - 3, kMostRows);
      progress_.picture(
          draw_in_text(algorithm.spec(), Scene(moment), title, columns, std::max(rows, 2), display_.unicode));
      next += seconds(over ? kPause : skip / steps);
      return wait_until(next, Clock::now() - began > seconds(kStale));
    };
    algorithm.watch(watch);
  }

  void tell_news() {
    const std::string words = news_ ? news_() : "";
    if (words.empty()) return;
    progress_.say(words);
    news_ = nullptr;
  }

  // False where the episode should not go on: at the end, or for a newer policy where this one was seen long enough.
  bool wait_until(Clock::time_point time, bool stale) {
    std::unique_lock lock(mutex_);
    if (stale && !newest_) wants_ = true;
    changed_.wait_until(lock, time, [&] { return stopped_; });
    return !stopped_ && !(stale && newest_);
  }

  TrainSettings settings_;
  Display display_;
  Progress& progress_;
  std::function<std::string()> news_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<State> newest_;
  bool wants_ = true, stopped_ = false;
  std::thread thread_;
};

bool Live::possible(const Display& display) {
  return !display.quiet && display.terminal && display.columns() >= kLeastColumns && display.rows() >= kLeastRows;
}

Live::Live(const TrainSettings& settings, const Display& display, Progress& progress, std::function<std::string()> news)
    : player_(std::make_unique<Player>(settings, display, progress, std::move(news))) {}
Live::~Live() = default;

bool Live::wants() const { return player_->wants(); }
void Live::show(State policy) { player_->show(std::move(policy)); }

}  // namespace pigrad::app
