#include "puffer_cartpole.h"

// From the folder that the user names.
#include <pufferlib/ocean/cartpole/cartpole.h>

struct PufferCopies {
  int count;
  float *obs, *actions, *rewards;
  unsigned char* terminals;
  Cartpole* all;
};

struct PufferCopies* puffer_make(int count) {
  struct PufferCopies* c = calloc(1, sizeof *c);
  const size_t n = (size_t)count;
  c->count = count;
  c->obs = calloc(4 * n, sizeof *c->obs);
  c->actions = calloc(n, sizeof *c->actions);
  c->rewards = calloc(n, sizeof *c->rewards);
  c->terminals = calloc(n, sizeof *c->terminals);
  c->all = calloc(n, sizeof *c->all);
  for (size_t i = 0; i < n; ++i) {
    Cartpole* one = &c->all[i];
    one->observations = c->obs + 4 * i;
    one->actions = c->actions + i;
    one->rewards = c->rewards + i;
    one->terminals = c->terminals + i;
    init(one);
    c_reset(one);
  }
  return c;
}

void puffer_step(struct PufferCopies* c, const float* actions) {
  memcpy(c->actions, actions, (size_t)c->count * sizeof *actions);
  for (int i = 0; i < c->count; ++i) c_step(&c->all[i]);
}
