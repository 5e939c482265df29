#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <memory>

#include "same_start.hpp"
#include "torch_parts.hpp"
#include "torch_training.hpp"
#include "training_settings.hpp"
#include "training_work.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

/// Environment steps a second from the start.
Round loop(const TrainSettings& settings, const Task& task) {
  settle_torch(task.threads);
  const auto environments = std::make_shared<Registry>(Registry::builtin());
  return [=] {
    const auto ours = on_policy<float>(settings, *environments);
    const auto theirs = torch_training<float>(settings, *environments, ours->layout(),
                                              values(ours->agent().parameters()), TorchAdam::fused);
    return steps_per_second(settings, task, [&] { theirs->epoch(); });
  };
}

/// Microseconds from one observation to the logits of a 64-64 tanh policy.
Round observation(const Task& task) {
  settle_torch();
  torch::nn::Sequential policy = torch_mlp(4, 64, 2);
  return [=]() mutable {
    const c10::InferenceMode inference;
    torch::Tensor obs = torch::tensor({{0.01f, -0.02f, 0.03f, -0.04f}});
    float* first = obs.data_ptr<float>();
    const auto run = [&](int times) {
      for (int i = 0; i < times; ++i) first[0] = 0.1f * policy->forward(obs).data_ptr<float>()[0];
    };
    return microseconds_a_call(task, run);
  };
}

}  // namespace

int main(int argc, char** argv) {
  return serve(
      argc, argv,
      {training("a2c", &a2c_copies, &loop), training("ppo", &ppo_copies, &loop), {"observation", &observation}},
      {{"LibTorch", TORCH_VERSION}});
}
