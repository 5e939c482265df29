#pragma once
#include <pigrad/rl/settings.hpp>

#include "worker.hpp"

namespace pigrad::bench {

/// Environment steps a second of task.epochs calls of `epoch`, after one that is not timed.
template <class Epoch>
double steps_per_second(const TrainSettings& settings, const Task& task, const Epoch& epoch) {
  epoch();
  const double seconds = seconds_of([&] {
    for (int i = 0; i < task.epochs; ++i) epoch();
  });
  return static_cast<double>(settings.steps) * settings.copies * task.epochs / seconds;
}

/// Microseconds a call, where run(n) calls n times: of task.epochs calls, after a hundred that are not timed.
template <class Run>
double microseconds_a_call(const Task& task, const Run& run) {
  run(100);
  return 1e6 / task.epochs * seconds_of([&] { run(task.epochs); });
}

/// A work that trains with these settings by `loop`.
inline Work training(const char* name, TrainSettings (*settings)(),
                     Round (*loop)(const TrainSettings& settings, const Task& task)) {
  return {name, [=](const Task& task) { return loop(settings(), task); }};
}

}  // namespace pigrad::bench
