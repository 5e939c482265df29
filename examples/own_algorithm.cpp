// An algorithm of your own: a loss on the tape, and what an epoch estimates and improves.
#include <cstdio>
#include <pigrad/core/ops.hpp>
#include <pigrad/rl/on_policy.hpp>

// L = −mean(ρ Ψ) + β mean((ρ − 1) − ln ρ), ρ = π/π_old: a policy gradient that may take several steps on a minibatch,
// held near the policy that acted.
template <class T>
pigrad::Program held_loss(const pigrad::Agent<T>& agent, double beta) {
  pigrad::Tape tape(agent.layout());
  const pigrad::Tensor obs = tape.input("obs", agent.observation_size());
  const pigrad::Tensor action = agent.distribution().action_input(tape, "action");
  const pigrad::Tensor weight = tape.input("weight", 1), acted = tape.input("log_prob", 1);
  const pigrad::Tensor output = agent.policy(obs);
  const pigrad::Tensor log_ratio = agent.distribution().log_prob(output, action) - acted;
  const pigrad::Tensor ratio = exp(log_ratio).named("ratio");
  const pigrad::Tensor kl = mean(ratio - 1.0 - log_ratio).named("approx_kl");
  const pigrad::Tensor entropy = mean(agent.distribution().entropy(output));
  return tape.program((beta * kl - mean(ratio * weight)).named("held loss"), {{"entropy", entropy}, {"kl", kl}});
}

template <class T>
class Held final : public pigrad::OnPolicy<T> {
 public:
  Held(const pigrad::TrainSettings& settings, const pigrad::Registry& environments)
      : pigrad::OnPolicy<T>(settings, environments.spec(settings.environment), &environments, /*with_critic=*/false),
        policy_(this->agent_, held_loss(this->agent_, /*beta=*/1), this->agent_.policy_range(),
                settings.policy.optimiser) {
    this->remember("policy_optimiser", policy_);
  }

 private:
  void estimate(int threads) override { this->find_advantages(threads); }
  void improve(int threads, pigrad::Metrics& metrics) override {
    const auto fit = this->fit(policy_, this->advantages(), this->settings_.policy.steps_per_minibatch, threads);
    pigrad::report_policy(fit, policy_, metrics);
  }

  pigrad::Learner<T> policy_;
};

int main() {
  pigrad::TrainSettings settings;
  settings.copies = 8;
  settings.steps = 128;
  settings.minibatch = 256;
  settings.epochs = 40;
  settings.advantage.estimator = "return_to_go";
  settings.advantage.baseline = false;
  settings.boundary = {"terminate", "drop", false};
  settings.policy.network.hidden = {32};
  settings.policy.optimiser.learning_rate = 3e-3;
  settings.policy.steps_per_minibatch = 4;

  const pigrad::Registry environments = pigrad::Registry::builtin();
  Held<float> algorithm(settings, environments);
  const double before = algorithm.evaluate(20, /*greedy=*/false, 1).mean;
  while (algorithm.epochs_done() < settings.epochs) algorithm.epoch(/*threads=*/1);
  const double after = algorithm.evaluate(20, /*greedy=*/false, 1).mean;
  std::printf("mean return %.1f, after %d epochs %.1f\n", before, settings.epochs, after);
  return after > 60 && after > 2 * before ? 0 : 1;
}
