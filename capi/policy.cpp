#include <utility>

#include "guard.hpp"

using namespace pigrad;
using namespace pigrad::capi;

struct pigrad_policy {
  Policy policy;
};

namespace {

void give(Policy&& policy, const PolicyFault& fault, pigrad_policy** out) {
  if (!policy) throw Refusal{fault};
  *out = new pigrad_policy{std::move(policy)};
}

}  // namespace

pigrad_code pigrad_policy_load(const char* path, pigrad_policy** policy, pigrad_error* error) {
  return guarded(error, [&] {
    need(policy, "policy_load", "policy");
    *policy = nullptr;
    need(path, "policy_load", "path");
    PolicyFault fault;
    give(Policy::load(path, fault), fault, policy);
  });
}

pigrad_code pigrad_policy_load_memory(const void* bytes, std::size_t size, pigrad_policy** policy,
                                      pigrad_error* error) {
  return guarded(error, [&] {
    need(policy, "policy_load_memory", "policy");
    *policy = nullptr;
    need(bytes, "policy_load_memory", "bytes");
    PolicyFault fault;
    give(Policy::parse(bytes, size, "the policy in memory", fault), fault, policy);
  });
}

void pigrad_policy_free(pigrad_policy* policy) { delete policy; }

std::int32_t pigrad_policy_observations(const pigrad_policy* policy) {
  return policy ? policy->policy.observations() : 0;
}
std::int32_t pigrad_policy_actions(const pigrad_policy* policy) { return policy ? policy->policy.actions() : 0; }
std::int32_t pigrad_policy_discrete(const pigrad_policy* policy) { return policy && policy->policy.discrete() ? 1 : 0; }
std::int32_t pigrad_policy_statistics(const pigrad_policy* policy) { return policy ? policy->policy.statistics() : 0; }

void pigrad_policy_say(const pigrad_policy* policy, const float* obs, float* statistics) {
  policy->policy.say(obs, statistics);
}

std::int32_t pigrad_policy_act(const pigrad_policy* policy, const float* obs, float* action) {
  return policy->policy.act(obs, action);
}

std::int32_t pigrad_policy_sample(const pigrad_policy* policy, const float* obs, std::uint64_t* seed, float* action) {
  return policy->policy.sample(obs, *seed, action);
}
