// Their headers have an order.
// clang-format off
#include <rl_tools/operations/cpu_mux.h>

#include <rl_tools/nn/optimizers/adam/instance/operations_generic.h>
// Their own CPU example leaves the next line out, and with it the BLAS that it is built with.
#include <rl_tools/nn/operations_cpu_mux.h>
#include <rl_tools/nn/layers/standardize/operations_generic.h>
#include <rl_tools/rl/environments/pendulum/operations_generic.h>
#include <rl_tools/nn_models/mlp/operations_generic.h>
#include <rl_tools/nn_models/mlp_unconditional_stddev/operations_generic.h>
#include <rl_tools/nn_models/sequential/operations_generic.h>
#include <rl_tools/nn/optimizers/adam/operations_generic.h>
#include <rl_tools/rl/algorithms/ppo/loop/core/config.h>
#include <rl_tools/rl/algorithms/ppo/loop/core/operations_generic.h>
#include <rl_tools/rl/utils/evaluation/operations_generic.h>
// clang-format on

#include <cstdio>
#include <memory>

#include "../worker.hpp"

namespace {

namespace rlt = rl_tools;
using namespace pigrad::bench;

using Device = rlt::devices::DEVICE_FACTORY<>;
using Policy = rlt::numeric_types::Policy<float>;
using Index = Device::index_t;
using Generator = Device::SPEC::RANDOM::ENGINE<>;
namespace nets = rlt::nn_models;

using Pendulum = rlt::rl::environments::Pendulum<rlt::rl::environments::pendulum::Specification<
    float, Index, rlt::rl::environments::pendulum::DefaultParameters<float>>>;

constexpr Index copies = 4, steps = 1024, minibatch = 256, most_epochs = 74;

/// The settings of RLtools' CPU example: 4 copies × 1024 steps, 2 passes of 256 rows, 64-64 ReLU, γ 0.9, std 2.
struct Settings : rlt::rl::algorithms::ppo::loop::core::DefaultParameters<Policy, Index, Pendulum> {
  static constexpr Index BATCH_SIZE = minibatch, N_ENVIRONMENTS = copies, ON_POLICY_RUNNER_STEPS_PER_ENV = steps;
  static constexpr Index STEP_LIMIT = 1000000, EPISODE_STEP_LIMIT = 200;
  struct PPO_PARAMETERS : rlt::rl::algorithms::ppo::DefaultParameters<Policy, Index, minibatch> {
    static constexpr float ACTION_ENTROPY_COEFFICIENT = 0, GAMMA = 0.9f, INITIAL_ACTION_STD = 2;
    static constexpr Index N_EPOCHS = 2;
  };
};

using Loop = rlt::rl::algorithms::ppo::loop::core::Config<Policy, Index, Generator, Pendulum, Settings>;

/// An agent in training, freed with its arrays.
class Training {
 public:
  explicit Training(std::int64_t seed) : state_(std::make_unique<Loop::State<Loop>>()) {
    rlt::init(device_);
    rlt::malloc(device_, *state_);
    rlt::init(device_, *state_, static_cast<Index>(seed));
  }
  ~Training() { rlt::free(device_, *state_); }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  void epoch() { rlt::step(device_, *state_); }

  /// Mean return of 100 episodes, each action the mean.
  double evaluate() {
    constexpr Index episodes = 100;
    using Spec = rlt::rl::utils::evaluation::Specification<Policy, Index, Pendulum, episodes, 200>;
    static rlt::rl::utils::evaluation::Result<Spec> result;
    rlt::evaluate(device_, state_->envs[0], state_->ui, rlt::get_actor(*state_), result, state_->rng,
                  rlt::Mode<rlt::mode::Evaluation<>>{});
    return static_cast<double>(result.returns_mean);
  }

 private:
  Device device_;
  std::unique_ptr<Loop::State<Loop>> state_;
};

Round pendulum(const Task& task) {
  return [task] {
    Training training(task.seed);
    training.epoch();
    const double seconds = seconds_of([&] {
      for (int i = 0; i < task.epochs; ++i) training.epoch();
    });
    return static_cast<double>(copies * steps) * task.epochs / seconds;
  };
}

/// Microseconds from one observation to the outputs of a 4-64-64-2 tanh network of fixed sizes.
Round observation(const Task& task) {
  using Input = rlt::tensor::Shape<Index, 1, 1, 4>;
  using Shape =
      nets::mlp::Configuration<Policy, Index, 2, 3, 64, rlt::nn::activation_functions::ActivationFunction::TANH,
                               rlt::nn::activation_functions::IDENTITY>;
  using Network = nets::mlp::NeuralNetwork<Shape, rlt::nn::capability::Forward<>, Input>;
  struct Held {
    Device device;
    Generator random;
    Network network;
    Network::Buffer<1> buffer;
    rlt::Tensor<rlt::tensor::Specification<float, Index, Input>> obs;
    rlt::Tensor<rlt::tensor::Specification<float, Index, rlt::tensor::Shape<Index, 1, 1, 2>>> out;
  };
  const auto held = std::make_shared<Held>();
  Held& h = *held;
  rlt::init(h.device);
  rlt::malloc(h.device, h.random);
  rlt::init(h.device, h.random, 1);
  rlt::malloc(h.device, h.network);
  rlt::malloc(h.device, h.buffer);
  rlt::malloc(h.device, h.obs);
  rlt::malloc(h.device, h.out);
  rlt::init_weights(h.device, h.network, h.random);
  for (Index i = 0; i < 4; ++i) rlt::set(h.device, h.obs, 0.01f, 0, 0, i);
  return [held, task] {
    Held& h = *held;
    const auto run = [&](int times) {
      for (int i = 0; i < times; ++i) {
        rlt::evaluate(h.device, h.network, h.obs, h.out, h.buffer, h.random, rlt::Mode<rlt::mode::Evaluation<>>{});
        rlt::set(h.device, h.obs, 0.1f * rlt::get(h.device, h.out, 0, 0, 0), 0, 0, 0);
      }
    };
    run(100);
    return 1e6 / task.epochs * seconds_of([&] { run(task.epochs); });
  };
}

/// One line of JSON: whether 100 greedy episodes after an epoch had a mean above −200.
int solve(std::int64_t seed) {
  Training training(seed);
  double score = 0;
  bool solved = false;
  Index epoch = 0;
  while (!solved && epoch < most_epochs) {
    training.epoch();
    ++epoch;
    score = training.evaluate();
    solved = score > -200;
  }
  std::printf("{\"solved\": %s, \"steps\": %ld, \"score\": %g, \"confirmed\": %g}\n", solved ? "true" : "false",
              static_cast<long>(epoch * copies * steps), score, score);
  return 0;
}

}  // namespace

// bench_worker_rltools pendulum|observation, by the protocol of worker.hpp; bench_worker_rltools solve --seed N.
int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "solve") return solve(std::atoll(argv[3]));
  return serve(argc, argv, {{"pendulum", &pendulum}, {"observation", &observation}}, {{"BLAS", "OpenBLAS"}});
}
