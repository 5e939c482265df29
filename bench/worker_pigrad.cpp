#include <memory>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/parallel.hpp>
#include <pigrad/rl/agent.hpp>
#include <pigrad/rl/algorithm.hpp>

#include "scaled_pendulum.hpp"
#include "stepping.hpp"
#include "training_settings.hpp"
#include "training_work.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

/// Environment steps a second from the start.
Round loop(const TrainSettings& settings, const Task& task) {
  const auto environments = std::make_shared<Registry>(bench_environments());
  return [=] {
    const auto algorithm = make_algorithm(settings, *environments);
    return steps_per_second(settings, task, [&] { algorithm->epoch(task.threads); });
  };
}

/// Environment steps a second, resets included.
Round stepping(const Task& task) {
  const auto copies = std::make_shared<Stepping>(task.copies);
  return [=] {
    copies->step(task.threads, 0);
    const double seconds = seconds_of([&] {
      for (int i = 0; i < task.epochs; ++i) copies->step(task.threads, i);
    });
    return static_cast<double>(task.copies) * task.epochs / seconds;
  };
}

/// Microseconds from one observation to the logits of a 64-64 tanh policy.
Round observation(const Task& task) {
  const auto agent =
      std::make_shared<Agent<float>>(Registry::builtin().spec("CartPole-v1"), PolicySettings{}, nullptr, 1);
  const auto actor = std::make_shared<Actor<float>>(*agent);
  return [agent, actor, task] {
    float obs[4] = {0.01f, -0.02f, 0.03f, -0.04f};
    // Each observation hangs on the logits before it, so that calls cannot overlap.
    const auto run = [&](int times) {
      for (int i = 0; i < times; ++i) obs[0] = 0.1f * actor->statistics(1, obs, 1).data[0];
    };
    return microseconds_a_call(task, run);
  };
}

}  // namespace

int main(int argc, char** argv) {
  return serve(argc, argv,
               {training("a2c", &a2c_copies, &loop),
                training("ppo", &ppo_copies, &loop),
                training("a2c_default", &baselines_a2c, &loop),
                training("ppo_default", &baselines_ppo, &loop),
                training("ppo_pendulum", &rltools_pendulum, &loop),
                {"stepping", &stepping},
                {"observation", &observation}},
               {{"backend", find_backend<float>().name}, {"parallel", parallel_backend()}});
}
