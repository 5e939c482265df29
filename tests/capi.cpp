#include <algorithm>
#include <cmath>
#include <pigrad/rl/a2c.hpp>

#include "capi_bits.hpp"

using namespace pigrad_test;

namespace {

const Pairs small = {{"copies", "2"}, {"steps", "64"}, {"policy.network.hidden", "8"}, {"critic.network.hidden", "8"}};

/// The points of one trainer, and how the callbacks behave.
struct Host {
  std::vector<Point> points = std::vector<Point>(2);
  int calls = 0, stop_at = -1, stops_in = 0, resets = 0;
};

int32_t host_reset(void* user, int32_t copy, float* obs) {
  Host& h = *static_cast<Host*>(user);
  ++h.resets;
  h.points[static_cast<std::size_t>(copy)].begin();
  h.points[static_cast<std::size_t>(copy)].show(obs);
  return 0;
}

int32_t host_step(void* user, int32_t copy, int32_t choice, const float* action, float* reward, int32_t* terminated,
                  int32_t* truncated, float* obs) {
  Host& h = *static_cast<Host*>(user);
  CHECK(action == nullptr);
  if (h.calls++ == h.stop_at) {
    *obs = 1e9f;
    return 1;
  }
  Point& p = h.points[static_cast<std::size_t>(copy)];
  *reward = p.push(choice);
  *terminated = p.terminated();
  *truncated = p.truncated();
  p.show(obs);
  return 0;
}

int32_t host_updated(void* user, const pigrad_trainer* trainer) {
  CHECK(pigrad_trainer_metrics(trainer) > 0);
  return static_cast<Host*>(user)->stops_in > 0 && --static_cast<Host*>(user)->stops_in == 0;
}

pigrad_environment environment_of(Host& host) {
  return {PIGRAD_API_VERSION, &host, host_reset, host_step, host_updated};
}

/// The host's own loop.
void drive(pigrad_trainer* t, Host& h, int updates) {
  pigrad_error error{};
  for (int u = 0; u < updates; ++u) {
    while (!pigrad_trainer_ready(t))
      for (int32_t c = 0; c < 2; ++c) {
        Point& p = h.points[static_cast<std::size_t>(c)];
        if (p.steps == 0) p.begin();
        float obs = 0;
        int32_t choice = 0;
        p.show(&obs);
        REQUIRE(pigrad_trainer_act(t, c, &obs, &choice, nullptr, &error) == PIGRAD_OK);
        const float reward = p.push(choice);
        p.show(&obs);
        REQUIRE(pigrad_trainer_observe(t, c, reward, p.terminated(), p.truncated(), &obs, &error) == PIGRAD_OK);
        if (p.terminated() || p.truncated()) p.begin();
      }
    REQUIRE(pigrad_trainer_update(t, 1, &error) == PIGRAD_OK);
  }
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("callbacks, a host's own loop and C++ learn the same bits") {
  for (const char* scalar : {"float32", "float64"}) {
    const Settings settings = settings_of(small);
    REQUIRE(pigrad_settings_set(settings.get(), "scalar", scalar, nullptr) == PIGRAD_OK);
    const Trainer called = trainer_of(settings.get(), point_task()), driven = trainer_of(settings.get(), point_task());
    Host one, other;
    const pigrad_environment environment = environment_of(one);
    for (int i = 0; i < 2; ++i) REQUIRE(pigrad_trainer_run(called.get(), &environment, 2, 2, nullptr) == PIGRAD_OK);
    drive(driven.get(), other, 4);
    CHECK(bytes_of(called.get()) == bytes_of(driven.get()));
  }
  const Settings settings = settings_of(small);
  const Trainer driven = trainer_of(settings.get(), point_task());
  Host host;
  drive(driven.get(), host, 3);
  pigrad::TrainSettings same;
  same.copies = 2;
  same.steps = 64;
  same.policy.network.hidden = same.critic.network.hidden = {8};
  pigrad::Spec spec;
  spec.observation = pigrad::Space::box(1, -2, 2);
  spec.action = pigrad::Space::discrete(2);
  spec.max_steps = Point::limit;
  pigrad::A2c<float> a(same, spec);
  std::vector<Point> points(2);
  for (int u = 0; u < 3; ++u) {
    while (!a.ready())
      for (int c = 0; c < 2; ++c) {
        Point& p = points[static_cast<std::size_t>(c)];
        if (p.steps == 0) p.begin();
        float obs = p.x;
        const float reward = p.push(a.act(&obs, nullptr, c));
        a.observe(reward, p.terminated(), p.truncated(), &p.x, c);
        if (p.terminated() || p.truncated()) p.begin();
      }
    a.update();
  }
  pigrad::State state;
  a.save(state);
  const std::vector<unsigned char> ours = bytes_of(driven.get());
  const auto theirs = state.bytes();
  REQUIRE(ours.size() == theirs.size());
  CHECK(std::equal(ours.begin(), ours.end(), reinterpret_cast<const unsigned char*>(theirs.data())));
}

TEST_CASE("a stop in a callback loses no step, and what is loaded goes on with the same bits") {
  const Settings settings = settings_of(small);
  const Trainer whole = trainer_of(settings.get(), point_task()), cut = trainer_of(settings.get(), point_task());
  Host one, other;
  pigrad_environment environment = environment_of(one);
  pigrad_error error{};
  REQUIRE(pigrad_trainer_run(whole.get(), &environment, 4, 1, &error) == PIGRAD_OK);
  environment = environment_of(other);
  other.stop_at = 77;
  CHECK(pigrad_trainer_run(cut.get(), &environment, 4, 1, &error) == PIGRAD_STOPPED);
  CHECK(has(error.words, "step gave something other than 0"));
  other.stops_in = 1;
  CHECK(pigrad_trainer_run(cut.get(), &environment, 4, 1, &error) == PIGRAD_STOPPED);
  other.stops_in = 0;
  REQUIRE(pigrad_trainer_run(cut.get(), &environment, 3, 1, &error) == PIGRAD_OK);
  CHECK(bytes_of(whole.get()) == bytes_of(cut.get()));
  CHECK(one.resets == other.resets);

  const std::string path = std::filesystem::temp_directory_path() / "pigrad-capi.safetensors";
  REQUIRE(pigrad_trainer_save(whole.get(), path.c_str(), &error) == PIGRAD_OK);
  const Trainer file = trainer_of(settings.get(), point_task()), memory = trainer_of(settings.get(), point_task());
  REQUIRE(pigrad_trainer_load(file.get(), path.c_str(), &error) == PIGRAD_OK);
  const auto bytes = bytes_of(whole.get());
  REQUIRE(pigrad_trainer_load_memory(memory.get(), bytes.data(), bytes.size(), &error) == PIGRAD_OK);
  Host fresh, again;
  drive(file.get(), fresh, 2);
  drive(memory.get(), again, 2);
  CHECK(bytes_of(file.get()) == bytes_of(memory.get()));
  CHECK(bytes_of(file.get()) != bytes);

  pigrad_policy *from_file = nullptr, *from_memory = nullptr;
  REQUIRE(pigrad_policy_load(path.c_str(), &from_file, &error) == PIGRAD_OK);
  REQUIRE(pigrad_policy_load_memory(bytes.data(), bytes.size(), &from_memory, &error) == PIGRAD_OK);
  const LoadedPolicy first(from_file), second(from_memory);
  CHECK(pigrad_policy_observations(from_file) == 1);
  CHECK(pigrad_policy_actions(from_file) == 2);
  CHECK(pigrad_policy_discrete(from_file) == 1);
  CHECK(pigrad_policy_statistics(from_file) == 2);
  uint64_t seed = 3, same = 3;
  for (float x = -1; x < 1; x += 0.01f) {
    float says[2], other_says[2];
    pigrad_policy_say(from_file, &x, says);
    pigrad_policy_say(from_memory, &x, other_says);
    CHECK(says[0] == other_says[0]);
    CHECK(pigrad_policy_act(from_file, &x, nullptr) == (says[1] > says[0]));
    CHECK(pigrad_policy_sample(from_file, &x, &seed, nullptr) == pigrad_policy_sample(from_memory, &x, &same, nullptr));
  }
  std::filesystem::remove(path);
}

TEST_CASE("vector actions: as drawn in training, within bounds from the policy") {
  const Settings settings = settings_of({{"steps", "32"}, {"policy.distribution", "gaussian"}});
  const double low[2] = {-0.01, -1}, high[2] = {0.01, 1};
  const pigrad_task task = {PIGRAD_API_VERSION, "two pushes", 3, nullptr, nullptr, 0, 2, low, high, 0};
  const Trainer trainer = trainer_of(settings.get(), task);
  float obs[3] = {0, 1, 2}, action[2];
  bool beyond = false;
  while (!pigrad_trainer_ready(trainer.get())) {
    REQUIRE(pigrad_trainer_act(trainer.get(), 0, obs, nullptr, action, nullptr) == PIGRAD_OK);
    beyond = beyond || std::abs(action[0]) > 0.01f;
    obs[0] = action[1];
    REQUIRE(pigrad_trainer_observe(trainer.get(), 0, -action[1] * action[1], 0, 0, obs, nullptr) == PIGRAD_OK);
  }
  CHECK(beyond);
  REQUIRE(pigrad_trainer_update(trainer.get(), 1, nullptr) == PIGRAD_OK);
  const auto bytes = bytes_of(trainer.get());
  pigrad_policy* made = nullptr;
  REQUIRE(pigrad_policy_load_memory(bytes.data(), bytes.size(), &made, nullptr) == PIGRAD_OK);
  const LoadedPolicy policy(made);
  uint64_t seed = 1;
  for (int i = 0; i < 100; ++i) {
    CHECK(pigrad_policy_sample(made, obs, &seed, action) == 0);
    CHECK(std::abs(action[0]) <= 0.01f);
    CHECK(std::abs(action[1]) <= 1);
  }
}

TEST_CASE("a task without bounds has none") {
  const Settings settings = settings_of({{"steps", "4"}, {"policy.distribution", "gaussian"}});
  const pigrad_task task = {PIGRAD_API_VERSION, "a push", 1, nullptr, nullptr, 0, 1, nullptr, nullptr, 0};
  const Trainer trainer = trainer_of(settings.get(), task);
  const auto bytes = bytes_of(trainer.get());
  pigrad_policy* made = nullptr;
  REQUIRE(pigrad_policy_load_memory(bytes.data(), bytes.size(), &made, nullptr) == PIGRAD_OK);
  const LoadedPolicy policy(made);
  const float obs = 2;
  float action = 0, says[2];
  pigrad_policy_say(made, &obs, says);
  CHECK(pigrad_policy_act(made, &obs, &action) == 0);
  CHECK(action == says[0]);
}

TEST_CASE("words that are too long end within their struct") {
  const Settings settings = settings_of({});
  struct {
    pigrad_error error;
    char behind[4096];
  } guarded{};
  const std::string key(2000, 'k');
  CHECK(pigrad_settings_set(settings.get(), key.c_str(), "1", &guarded.error) == PIGRAD_REFUSED);
  CHECK(std::string(guarded.error.words) == std::string(sizeof guarded.error.words - 1, 'k'));
  CHECK(std::all_of(std::begin(guarded.behind), std::end(guarded.behind), [](char c) { return c == 0; }));
}

TEST_CASE("what does not fit is refused with words") {
  pigrad_error error{};
  const auto refused = [&](pigrad_code code, const char* words) {
    CHECK(code == PIGRAD_REFUSED);
    CHECK(error.code == code);
    CHECK_MESSAGE(has(error.words, words), error.words);
    error = {};
  };
  const Settings settings = settings_of(small);
  refused(pigrad_settings_set(settings.get(), "gama", "1", &error), "did you mean \"gamma\"?");
  refused(pigrad_settings_set(settings.get(), "gamma", "1.5", &error), "gamma: \"1.5\" is not allowed");
  refused(pigrad_settings_set(settings.get(), "gamma", "much", &error), "give a number in [0, 1]");
  refused(pigrad_settings_set(nullptr, "gamma", "1", &error), "settings is null");
  char text[8];
  REQUIRE(pigrad_settings_get(settings.get(), "gamma", text, sizeof text, &error) == PIGRAD_OK);
  CHECK(std::string(text) == "0.99");
  refused(pigrad_settings_get(settings.get(), "gamma", text, 4, &error), "give room");

  pigrad_trainer* none = nullptr;
  pigrad_task task = point_task();
  task.api_version = PIGRAD_API_VERSION + 1;
  refused(pigrad_trainer_new(settings.get(), &task, &none, &error), "built for interface 2 of pigrad.h");
  task = point_task();
  task.dimensions = 1;
  refused(pigrad_trainer_new(settings.get(), &task, &none, &error), "2 choices and 1 dimensions");
  task = point_task();
  task.observations = 0;
  refused(pigrad_trainer_new(settings.get(), &task, &none, &error), "observations is 0");
  task.observations = 2000000000;
  refused(pigrad_trainer_new(settings.get(), &task, &none, &error), "at most 1048576");
  const Settings gaussian = settings_of({{"policy.distribution", "gaussian"}});
  task = point_task();
  refused(pigrad_trainer_new(gaussian.get(), &task, &none, &error), "a point");
  CHECK(none == nullptr);

  const Trainer trainer = trainer_of(settings.get(), point_task());
  pigrad_trainer* t = trainer.get();
  float obs = 0;
  int32_t choice = 0;
  refused(pigrad_trainer_act(t, 2, &obs, &choice, nullptr, &error), "copy");
  refused(pigrad_trainer_act(t, 0, nullptr, &choice, nullptr, &error), "obs is null");
  refused(pigrad_trainer_act(t, 0, &obs, nullptr, nullptr, &error), "choice is null");
  refused(pigrad_trainer_observe(t, 0, 0, 0, 0, &obs, &error), "");
  refused(pigrad_trainer_update(t, 1, &error), "");
  refused(pigrad_trainer_update(t, 0, &error), "threads is 0");
  refused(pigrad_trainer_save(t, "/no/such/folder/x", &error), "cannot be written");
  refused(pigrad_trainer_load(t, "/no/such/file", &error), "/no/such/file");
  auto bytes = bytes_of(t);
  bytes[bytes.size() / 2] ^= 1;
  refused(pigrad_trainer_load_memory(t, bytes.data(), bytes.size(), &error), "the checkpoint in memory");
  refused(pigrad_trainer_load_memory(t, bytes.data(), 5, &error), "the checkpoint in memory");
  pigrad_policy* policy = nullptr;
  refused(pigrad_policy_load_memory("x", 1, &policy, &error), "the policy in memory");
  refused(pigrad_policy_load("/no/such/file", &policy, &error), "No such file");
  Host host;
  pigrad_environment environment = environment_of(host);
  environment.api_version = 7;
  refused(pigrad_trainer_run(t, &environment, 1, 1, &error), "built for interface 7");
  environment = environment_of(host);
  environment.step = nullptr;
  refused(pigrad_trainer_run(t, &environment, 1, 1, &error), "lacks reset or step");
  CHECK(pigrad_api_version() == PIGRAD_API_VERSION);
  CHECK(pigrad_trainer_metric(t, 0, nullptr) == nullptr);
  pigrad_trainer_free(nullptr);
  pigrad_settings_free(nullptr);
  pigrad_policy_free(nullptr);
  CHECK(pigrad_policy_observations(nullptr) + pigrad_policy_actions(nullptr) == 0);
  CHECK(pigrad_policy_discrete(nullptr) + pigrad_policy_statistics(nullptr) == 0);
}

TEST_CASE("a reward that is not finite ends the update and changes no parameter") {
  const Settings settings = settings_of(small);
  const Trainer trainer = trainer_of(settings.get(), point_task());
  pigrad_error error{};
  const auto before = bytes_of(trainer.get());
  float obs = 0.1f;
  int32_t choice = 0;
  pigrad_code code = PIGRAD_OK;
  while (code == PIGRAD_OK && !pigrad_trainer_ready(trainer.get()))
    for (int32_t c = 0; c < 2 && code == PIGRAD_OK; ++c) {
      REQUIRE(pigrad_trainer_act(trainer.get(), c, &obs, &choice, nullptr, &error) == PIGRAD_OK);
      code = pigrad_trainer_observe(trainer.get(), c, NAN, 0, 0, &obs, &error);
    }
  if (code == PIGRAD_OK) code = pigrad_trainer_update(trainer.get(), 1, &error);
  CHECK(code != PIGRAD_OK);
  CHECK_MESSAGE(has(error.words, "finite"), error.words);
}
