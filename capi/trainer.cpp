#include <cstdlib>
#include <limits>

#include "guard.hpp"
#include "hosted.hpp"
#include "settings.hpp"

using namespace pigrad;
using namespace pigrad::capi;

struct pigrad_trainer {
  std::unique_ptr<Hosted> hosted;
  Metrics metrics;
  int observations = 0, dimensions = 0;
  // What run() has under way, a copy each: its observation, and the action that its step waits for.
  std::vector<float> obs;     ///< [copies][observations]
  std::vector<float> action;  ///< [copies][dimensions]
  std::vector<std::int32_t> choice;
  std::vector<char> under_way, acted;
  std::vector<int> made;  ///< steps in this batch
};

namespace {

constexpr double no_bound = std::numeric_limits<double>::infinity();

Space box_of(std::int32_t size, const double* low, const double* high, const char* what) {
  constexpr std::int32_t most = 1 << 20;
  if (size < 1 || size > most)
    throw Error("trainer_new", std::string(what) + " is " + std::to_string(size),
                "give at least 1 and at most " + std::to_string(most));
  const auto n = static_cast<std::size_t>(size);
  return Space::box(low ? std::vector<double>(low, low + n) : std::vector<double>(n, -no_bound),
                    high ? std::vector<double>(high, high + n) : std::vector<double>(n, no_bound));
}

Spec spec_of(const pigrad_task& task) {
  need_version(task.api_version, "trainer_new");
  if ((task.choices > 0) == (task.dimensions > 0) || task.choices < 0 || task.dimensions < 0)
    throw Error("trainer_new",
                "the task has " + std::to_string(task.choices) + " choices and " + std::to_string(task.dimensions) +
                    " dimensions",
                "give one of them, and 0 for the other");
  if (task.max_steps < 0) throw Error("trainer_new", "max_steps is negative", "give 0 where there is no limit");
  Spec spec;
  spec.id = task.name ? task.name : "the host's environment";
  spec.observation = box_of(task.observations, task.observation_low, task.observation_high, "observations");
  spec.action = task.choices > 0 ? Space::discrete(task.choices)
                                 : box_of(task.dimensions, task.action_low, task.action_high, "dimensions");
  spec.max_steps = task.max_steps;
  return spec;
}

State state_of(const pigrad_trainer& trainer) {
  State state;
  trainer.hosted->algorithm().save(state);
  return state;
}

void load(pigrad_trainer& trainer, const State& state) {
  trainer.hosted->algorithm().load(state);
  trainer.metrics.clear();
  trainer.under_way.assign(trainer.under_way.size(), 0);
  trainer.acted.assign(trainer.acted.size(), 0);
  trainer.made.assign(trainer.made.size(), 0);
}

/// The callbacks' loop over the copies of one trainer.
class Loop {
 public:
  Loop(pigrad_trainer& trainer, const pigrad_environment& environment)
      : t_(trainer), env_(environment), next_(static_cast<std::size_t>(trainer.observations)) {}

  void fill_batch() {
    while (!t_.hosted->ready())
      for (std::size_t c = 0; c < t_.made.size(); ++c)
        if (t_.made[c] < t_.hosted->algorithm().settings().steps) step(c);
    t_.made.assign(t_.made.size(), 0);
  }

 private:
  void step(std::size_t c) {
    const auto copy = static_cast<std::int32_t>(c);
    float* const obs = t_.obs.data() + c * next_.size();
    float* const action = t_.dimensions > 0 ? t_.action.data() + c * static_cast<std::size_t>(t_.dimensions) : nullptr;
    if (!t_.under_way[c]) {
      if (env_.reset(env_.user, copy, obs) != 0) throw Stopped("reset");
      t_.under_way[c] = 1;
    }
    if (!t_.acted[c]) t_.choice[c] = t_.hosted->act(obs, action, copy);
    t_.acted[c] = 1;
    float reward = 0;
    std::int32_t terminated = 0, truncated = 0;
    if (env_.step(env_.user, copy, t_.choice[c], action, &reward, &terminated, &truncated, next_.data()) != 0)
      throw Stopped("step");
    t_.hosted->observe(reward, terminated != 0, truncated != 0, next_.data(), copy);
    t_.acted[c] = 0;
    ++t_.made[c];
    t_.under_way[c] = !terminated && !truncated;
    std::copy(next_.begin(), next_.end(), obs);
  }

  pigrad_trainer& t_;
  const pigrad_environment& env_;
  std::vector<float> next_;  ///< [observations]
};

}  // namespace

pigrad_code pigrad_trainer_new(const pigrad_settings* settings, const pigrad_task* task, pigrad_trainer** trainer,
                               pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "trainer_new", "trainer");
    *trainer = nullptr;
    need(settings, "trainer_new", "settings");
    need(task, "trainer_new", "task");
    const Spec spec = spec_of(*task);
    auto made = std::make_unique<pigrad_trainer>();
    made->hosted = make_hosted_in_float(settings->settings, spec);
    made->observations = task->observations;
    made->dimensions = task->dimensions;
    const auto copies = static_cast<std::size_t>(settings->settings.copies);
    made->obs.resize(copies * static_cast<std::size_t>(task->observations));
    made->action.resize(copies * static_cast<std::size_t>(task->dimensions));
    made->choice.resize(copies);
    made->under_way.resize(copies);
    made->acted.resize(copies);
    made->made.resize(copies);
    *trainer = made.release();
  });
}

void pigrad_trainer_free(pigrad_trainer* trainer) { delete trainer; }

pigrad_code pigrad_trainer_act(pigrad_trainer* trainer, std::int32_t copy, const float* obs, std::int32_t* choice,
                               float* action, pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "trainer_act", "trainer");
    need(obs, "trainer_act", "obs");
    need(trainer->dimensions > 0 ? static_cast<void*>(action) : choice, "trainer_act",
         trainer->dimensions > 0 ? "action" : "choice");
    const int drawn = trainer->hosted->act(obs, action, copy);
    if (choice) *choice = drawn;
  });
}

pigrad_code pigrad_trainer_observe(pigrad_trainer* trainer, std::int32_t copy, float reward, std::int32_t terminated,
                                   std::int32_t truncated, const float* next_obs, pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "trainer_observe", "trainer");
    need(next_obs, "trainer_observe", "next_obs");
    trainer->hosted->observe(reward, terminated != 0, truncated != 0, next_obs, copy);
  });
}

std::int32_t pigrad_trainer_ready(const pigrad_trainer* trainer) { return trainer && trainer->hosted->ready() ? 1 : 0; }

pigrad_code pigrad_trainer_update(pigrad_trainer* trainer, std::int32_t threads, pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "trainer_update", "trainer");
    if (threads < 1) throw Error("trainer_update", "threads is " + std::to_string(threads), "give at least 1");
    trainer->metrics = trainer->hosted->update(threads);
  });
}

pigrad_code pigrad_trainer_run(pigrad_trainer* trainer, const pigrad_environment* environment, std::int32_t updates,
                               std::int32_t threads, pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "run", "trainer");
    need(environment, "run", "environment");
    need_version(environment->api_version, "run");
    if (!environment->reset || !environment->step)
      throw Error("run", "the environment lacks reset or step", "give both");
    if (threads < 1) throw Error("run", "threads is " + std::to_string(threads), "give at least 1");
    Loop loop(*trainer, *environment);
    for (std::int32_t u = 0; u < updates; ++u) {
      loop.fill_batch();
      trainer->metrics = trainer->hosted->update(threads);
      if (environment->updated && environment->updated(environment->user, trainer) != 0) throw Stopped("updated");
    }
  });
}

std::int32_t pigrad_trainer_metrics(const pigrad_trainer* trainer) {
  return trainer ? static_cast<std::int32_t>(trainer->metrics.size()) : 0;
}

const char* pigrad_trainer_metric(const pigrad_trainer* trainer, std::int32_t index, double* value) {
  if (!trainer || index < 0 || index >= pigrad_trainer_metrics(trainer)) return nullptr;
  const auto& metric = trainer->metrics[static_cast<std::size_t>(index)];
  if (value) *value = metric.second;
  return metric.first.c_str();
}

std::int32_t pigrad_trainer_find_metric(const pigrad_trainer* trainer, const char* name, double* value) {
  if (!trainer || !name) return 0;
  for (const auto& [key, number] : trainer->metrics)
    if (key == name) {
      if (value) *value = number;
      return 1;
    }
  return 0;
}

pigrad_code pigrad_trainer_save(const pigrad_trainer* trainer, const char* path, pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "trainer_save", "trainer");
    need(path, "trainer_save", "path");
    state_of(*trainer).save(path);
  });
}

pigrad_code pigrad_trainer_load(pigrad_trainer* trainer, const char* path, pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "trainer_load", "trainer");
    need(path, "trainer_load", "path");
    load(*trainer, State::load(path));
  });
}

pigrad_code pigrad_trainer_save_memory(const pigrad_trainer* trainer, void** bytes, std::size_t* size,
                                       pigrad_error* error) {
  return guarded(error, [&] {
    need(bytes, "trainer_save_memory", "bytes");
    *bytes = nullptr;
    need(size, "trainer_save_memory", "size");
    need(trainer, "trainer_save_memory", "trainer");
    const std::vector<std::byte> all = state_of(*trainer).bytes();
    *bytes = std::malloc(all.size());
    if (!*bytes) throw std::bad_alloc();
    std::memcpy(*bytes, all.data(), all.size());
    *size = all.size();
  });
}

pigrad_code pigrad_trainer_load_memory(pigrad_trainer* trainer, const void* bytes, std::size_t size,
                                       pigrad_error* error) {
  return guarded(error, [&] {
    need(trainer, "trainer_load_memory", "trainer");
    need(bytes, "trainer_load_memory", "bytes");
    const auto* from = static_cast<const std::byte*>(bytes);
    load(*trainer, State::parse({from, from + size}, "the checkpoint in memory"));
  });
}

void pigrad_bytes_free(void* bytes) { std::free(bytes); }
