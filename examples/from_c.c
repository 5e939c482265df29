/* A host program in C: its own environment, trained through callbacks, saved, and acted with by the policy of the
 * file. The task is the pole on a cart of Barto, Sutton and Anderson 1983, as Gymnasium's CartPole-v1 has it. */
#include <math.h>
#include <pigrad.h>
#include <stdio.h>
#include <stdlib.h>

enum { copies = 8, features = 4, limit = 500 };

typedef struct cart {
  float state[features]; /* position, velocity, angle, angular velocity */
  int steps;
} cart;

typedef struct host {
  cart carts[copies];
  uint32_t draws;
} host;

static float uniform(host* h) {
  h->draws = h->draws * 1664525u + 1013904223u;
  return (float)(h->draws >> 8) / 16777216.0f;
}

static void show(const cart* c, float* obs) {
  int f;
  for (f = 0; f < features; ++f) obs[f] = c->state[f];
}

static int32_t reset(void* user, int32_t copy, float* obs) {
  host* h = user;
  cart* c = &h->carts[copy];
  int f;
  for (f = 0; f < features; ++f) c->state[f] = 0.1f * uniform(h) - 0.05f;
  c->steps = 0;
  show(c, obs);
  return 0;
}

static int32_t step(void* user, int32_t copy, int32_t choice, const float* action, float* reward, int32_t* terminated,
                    int32_t* truncated, float* obs) {
  host* h = user;
  cart* c = &h->carts[copy];
  float* s = c->state;
  const float force = choice ? 10.0f : -10.0f, sine = sinf(s[2]), cosine = cosf(s[2]);
  const float push = (force + 0.05f * s[3] * s[3] * sine) / 1.1f;
  const float turn = (9.8f * sine - cosine * push) / (0.5f * (4.0f / 3.0f - 0.1f * cosine * cosine / 1.1f));
  (void)action;
  s[0] += 0.02f * s[1];
  s[1] += 0.02f * (push - 0.05f * turn * cosine / 1.1f);
  s[2] += 0.02f * s[3];
  s[3] += 0.02f * turn;
  *reward = 1.0f;
  *terminated = fabsf(s[0]) > 2.4f || fabsf(s[2]) > 0.2094395f;
  *truncated = ++c->steps >= limit;
  show(c, obs);
  return 0;
}

/* Ends the training once the pole stays up for long enough. */
static int32_t updated(void* user, const pigrad_trainer* trainer) {
  double mean = 0.0;
  (void)user;
  return pigrad_trainer_find_metric(trainer, "rollout/ep_rew_mean", &mean) && mean >= 195.0;
}

static void check(pigrad_code code, const pigrad_error* error) {
  if (code == PIGRAD_OK) return;
  fprintf(stderr, "%s\n", error->words);
  exit(2);
}

int main(void) {
  static const char* const wanted[][2] = {{"copies", "8"},
                                          {"steps", "256"},
                                          {"minibatch", "256"},
                                          {"epochs", "200"},
                                          {"policy.optimiser.learning_rate", "1e-3"},
                                          {"critic.optimiser.learning_rate", "3e-3"},
                                          {"critic.steps_per_minibatch", "4"}};
  pigrad_task task = {PIGRAD_API_VERSION, "a cart in C", features, NULL, NULL, 2, 0, NULL, NULL, limit};
  pigrad_environment environment = {PIGRAD_API_VERSION, NULL, reset, step, updated};
  host h = {.draws = 7u};
  pigrad_error error;
  pigrad_settings* settings;
  pigrad_trainer* trainer;
  pigrad_policy* policy;
  pigrad_code code;
  double mean = 0.0;
  float obs[features], reward;
  int32_t terminated = 0, truncated = 0, steps = 0;
  size_t i;

  check(pigrad_settings_new(&settings, &error), &error);
  for (i = 0; i < sizeof wanted / sizeof wanted[0]; ++i)
    check(pigrad_settings_set(settings, wanted[i][0], wanted[i][1], &error), &error);
  check(pigrad_trainer_new(settings, &task, &trainer, &error), &error);
  environment.user = &h;
  code = pigrad_trainer_run(trainer, &environment, 200, 1, &error);
  if (code != PIGRAD_STOPPED) check(code, &error);
  pigrad_trainer_find_metric(trainer, "rollout/ep_rew_mean", &mean);
  printf("%s: mean return %.1f\n", code == PIGRAD_STOPPED ? "solved" : "not solved", mean);

  check(pigrad_trainer_save(trainer, "from_c.safetensors", &error), &error);
  check(pigrad_policy_load("from_c.safetensors", &policy, &error), &error);
  reset(&h, 0, obs);
  while (!terminated && !truncated) {
    step(&h, 0, pigrad_policy_act(policy, obs, NULL), NULL, &reward, &terminated, &truncated, obs);
    ++steps;
  }
  printf("the policy of the file holds the pole for %d steps\n", (int)steps);

  pigrad_policy_free(policy);
  pigrad_trainer_free(trainer);
  pigrad_settings_free(settings);
  return code == PIGRAD_STOPPED && steps >= 100 ? 0 : 1;
}
