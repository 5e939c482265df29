#include <pigrad/policy/policy.hpp>

#include "input.hpp"

/// A policy that loads is one that acts; one that does not has words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pigrad::PolicyFault fault;
  const pigrad::Policy policy = pigrad::Policy::parse(data, size, "input", fault);
  if (static_cast<bool>(policy) == static_cast<bool>(fault)) std::abort();
  if (!policy) return 0;
  std::vector<float> obs(static_cast<std::size_t>(policy.observations()), 0.5f),
      action(static_cast<std::size_t>(policy.actions())), says(static_cast<std::size_t>(policy.statistics()));
  std::uint64_t seed = 1;
  policy.say(obs.data(), says.data());
  const int choice = policy.act(obs.data(), action.data());
  if (choice < 0 || choice >= policy.actions()) std::abort();
  policy.sample(obs.data(), seed, action.data());
  return 0;
}
