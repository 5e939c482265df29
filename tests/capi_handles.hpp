#pragma once
#include <pigrad.h>

#include <memory>

namespace pigrad_test {

/// What the C interface gives out, freed at the end of a scope.
struct Freed {
  void operator()(pigrad_settings* at) const { pigrad_settings_free(at); }
  void operator()(pigrad_trainer* at) const { pigrad_trainer_free(at); }
  void operator()(pigrad_policy* at) const { pigrad_policy_free(at); }
  void operator()(void* at) const { pigrad_bytes_free(at); }
};
using Settings = std::unique_ptr<pigrad_settings, Freed>;
using Trainer = std::unique_ptr<pigrad_trainer, Freed>;
using LoadedPolicy = std::unique_ptr<pigrad_policy, Freed>;

}  // namespace pigrad_test
