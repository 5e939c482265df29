#include <cmath>
#include <cstring>

#include "../capi_handles.hpp"
#include "input.hpp"

namespace {

using namespace pigrad_test;

void hold(bool true_always) {
  if (!true_always) std::abort();
}

/// What was refused has words, and is no fault of the library's; true where it was not refused.
bool fine(pigrad_code code, const pigrad_error& error) {
  hold(code == error.code && code != PIGRAD_INTERNAL);
  hold(std::memchr(error.words, 0, sizeof error.words) != nullptr);
  hold((code == PIGRAD_OK) == (error.words[0] == 0));
  return code == PIGRAD_OK;
}

Settings new_settings() {
  pigrad_settings* settings = nullptr;
  pigrad_error error;
  hold(fine(pigrad_settings_new(&settings, &error), error));
  return Settings(settings);
}

/// Lines of KEY=VALUE: what is accepted can be asked for, and its words set it again to the same words.
void settings(const std::string& lines) {
  const Settings all = new_settings();
  pigrad_error error;
  char text[512], again[512];
  int left = pigrad_fuzz::most_lines;
  for (std::size_t begin = 0, end; left-- > 0 && begin < lines.size(); begin = end + 1) {
    end = std::min(lines.find('\n', begin), lines.size());
    const std::string line = lines.substr(begin, end - begin), key = line.substr(0, line.find('='));
    const std::string value = key.size() < line.size() ? line.substr(key.size() + 1) : "";
    if (!fine(pigrad_settings_set(all.get(), key.c_str(), value.c_str(), &error), error)) continue;
    if (!fine(pigrad_settings_get(all.get(), key.c_str(), text, sizeof text, &error), error)) continue;
    hold(fine(pigrad_settings_set(all.get(), key.c_str(), text, &error), error));
    hold(fine(pigrad_settings_get(all.get(), key.c_str(), again, sizeof again, &error), error));
    hold(std::strcmp(text, again) == 0);
  }
}

Trainer small_trainer(bool choices) {
  const Settings all = new_settings();
  pigrad_error error;
  const char* const set[][2] = {{"algorithm", "ppo"},
                                {"copies", "2"},
                                {"steps", "4"},
                                {"minibatch", "4"},
                                {"policy.network.hidden", "3"},
                                {"critic.network.hidden", "2"},
                                {"observation.normalise", "true"},
                                {"observation.statistics", "rollout"},
                                {"policy.distribution", choices ? "categorical" : "gaussian"}};
  for (const auto& [key, value] : set) hold(fine(pigrad_settings_set(all.get(), key, value, &error), error));
  pigrad_task task{};
  task.api_version = PIGRAD_API_VERSION;
  task.name = "fuzz";
  task.observations = 2;
  (choices ? task.choices : task.dimensions) = 2;
  pigrad_trainer* trainer = nullptr;
  hold(fine(pigrad_trainer_new(all.get(), &task, &trainer, &error), error));
  return Trainer(trainer);
}

/// What loads learns from another batch, or refuses to, and can be saved and loaded again.
void checkpoint(const std::uint8_t* data, std::size_t size, bool choices) {
  const Trainer trainer = small_trainer(choices);
  pigrad_error error;
  if (!fine(pigrad_trainer_load_memory(trainer.get(), data, size, &error), error)) return;
  float obs[2] = {0.5f, -1}, action[2] = {};
  std::int32_t choice = 0;
  for (int t = 0; t < 4; ++t)
    for (std::int32_t copy = 0; copy < 2; ++copy) {
      if (!fine(pigrad_trainer_act(trainer.get(), copy, obs, &choice, action, &error), error)) return;
      hold(!choices || (choice >= 0 && choice < 2));
      obs[0] = -obs[0];
      if (!fine(pigrad_trainer_observe(trainer.get(), copy, 1, t == 2, 0, obs, &error), error)) return;
    }
  hold(pigrad_trainer_ready(trainer.get()) == 1);
  fine(pigrad_trainer_update(trainer.get(), 1, &error), error);
  void* bytes = nullptr;
  std::size_t count = 0;
  if (!fine(pigrad_trainer_save_memory(trainer.get(), &bytes, &count, &error), error)) return;
  const std::unique_ptr<void, Freed> owned(bytes);
  fine(pigrad_trainer_load_memory(trainer.get(), bytes, count, &error), error);
}

/// From memory and from a file alike; what loads acts.
void policy(const std::uint8_t* data, std::size_t size) {
  pigrad_policy *from_memory = nullptr, *from_file = nullptr;
  pigrad_error error;
  const bool loads = fine(pigrad_policy_load_memory(data, size, &from_memory, &error), error);
  const LoadedPolicy memory(from_memory);
  const pigrad_fuzz::MemoryFile written(data, size);
  hold(fine(pigrad_policy_load(written.path().c_str(), &from_file, &error), error) == loads);
  const LoadedPolicy file(from_file);
  hold((memory != nullptr) == loads && (file != nullptr) == loads);
  if (!loads) return;
  const auto n = [](std::int32_t count) { return static_cast<std::size_t>(count); };
  std::vector<float> obs(n(pigrad_policy_observations(memory.get())), 0.5f),
      one(n(pigrad_policy_statistics(memory.get()))), other(one.size()), action(n(pigrad_policy_actions(memory.get())));
  pigrad_policy_say(memory.get(), obs.data(), one.data());
  pigrad_policy_say(file.get(), obs.data(), other.data());
  hold(std::memcmp(one.data(), other.data(), one.size() * sizeof(float)) == 0);
  const std::int32_t choice = pigrad_policy_act(memory.get(), obs.data(), action.data());
  hold(choice >= 0 && choice < pigrad_policy_actions(memory.get()));
  std::uint64_t seed = 1;
  pigrad_policy_sample(file.get(), obs.data(), &seed, action.data());
}

}  // namespace

/// By the first byte: settings, a trainer's checkpoint of choices or of numbers, a policy.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int what = data[0] % 4;
  if (what == 0) settings(pigrad_fuzz::text(data + 1, size - 1));
  if (what == 1 || what == 2) checkpoint(data + 1, size - 1, what == 1);
  if (what == 3) policy(data + 1, size - 1);
  return 0;
}
