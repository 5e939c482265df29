// Acts by a trained policy: pigrad::policy alone, which needs the C library.
#include <stdio.h>

#include <pigrad/policy/policy.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return fprintf(stderr, "acting POLICY.safetensors\n"), 2;
  pigrad::PolicyFault fault;
  const pigrad::Policy policy = pigrad::Policy::load(argv[1], fault);
  if (fault) return fprintf(stderr, "%s\n", fault.words), 2;
  float obs[pigrad::Policy::widest] = {}, action[pigrad::Policy::widest] = {};
  const int choice = policy.act(obs, action);
  printf("%d features to %d %s: ", policy.observations(), policy.actions(),
         policy.discrete() ? "choices" : "dimensions");
  return policy.discrete() ? printf("choice %d\n", choice) < 0
                           : printf("action %g\n", static_cast<double>(action[0])) < 0;
}
