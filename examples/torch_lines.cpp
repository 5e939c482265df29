// The lines that people write in PyTorch, as they are here: docs/book/torch.md sets them side by side, and
// examples/torch_lines.py is the other half, which prints the same numbers.
#include <cmath>
#include <cstdio>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <pigrad/nn/clip.hpp>
#include <pigrad/nn/distribution.hpp>
#include <pigrad/nn/mlp.hpp>
#include <pigrad/nn/optimiser.hpp>
#include <vector>

using namespace pigrad;

int main() {
  // The network
  ParameterLayout layout;
  const Mlp policy(layout, "policy", 4, 2, {.hidden = {16}, .activation = Activation::tanh});
  const Mlp critic(layout, "critic", 4, 1, {.hidden = {16}, .activation = Activation::relu});
  Parameters<double> parameters(layout);
  for (int i = 0; i < parameters.size(); ++i) parameters.data()[i] = 0.3 * std::sin(i);
  parameters.touch();

  // The data
  constexpr int rows = 8;
  std::vector<double> obs(4 * rows), weight(rows), returns(rows);  // obs: feature f of row r at f·rows + r
  std::vector<std::int32_t> action(rows);
  for (int r = 0; r < rows; ++r) {
    for (int f = 0; f < 4; ++f) obs[static_cast<std::size_t>(f * rows + r)] = std::cos(4 * r + f);
    const auto i = static_cast<std::size_t>(r);
    action[i] = r % 2, weight[i] = 1 - 0.25 * r, returns[i] = 2 + 0.5 * r;
  }

  // The loss
  const auto categorical = make_distribution({.name = "categorical"}, 2, /*discrete_space=*/true, "CartPole-v1");
  Tape tape(layout);
  const Tensor s = tape.input("obs", 4), a = tape.index("action");
  const Tensor psi = tape.input("weight", 1), target = tape.input("returns", 1);
  const Tensor logits = policy(s), value = critic(s);
  const Tensor log_prob = categorical->log_prob(logits, a);
  const Tensor entropy = mean(categorical->entropy(logits));
  const Tensor advantage = psi - 0.1 * stop_gradient(value);
  const Tensor value_loss = mean(square(value - target));
  const Tensor loss = -mean(log_prob * advantage) + 0.5 * value_loss - 0.01 * entropy;
  const Program program = tape.program(loss, {{"entropy", entropy}});

  // What it runs on
  Workspace<double> workspace(program);
  Bindings<double> bindings(program);
  bindings.parameters(parameters);
  bindings.input("obs", obs.data(), /*column_stride=*/rows);
  bindings.index("action", action.data());
  bindings.input("weight", weight.data(), 1);
  bindings.input("returns", returns.data(), 1);
  bindings.rows(rows);

  // Three steps
  OptimiserSettings adam = OptimiserSettings::of("adam");
  adam.learning_rate = 1e-2;
  const ParameterRange all = {0, layout.size()};
  const auto optimiser = make_optimiser<double>(adam, all);
  std::vector<double> gradient(static_cast<std::size_t>(layout.size()));
  for (int step = 0; step < 3; ++step) {
    const double now = workspace.run(bindings, Sink<double>::sum(gradient.data())).loss;
    const double norm = clip_by_global_norm(gradient.data(), all, /*max_norm=*/0.5).norm;
    optimiser->step(parameters, gradient.data());
    bindings.parameters(parameters);
    std::printf("loss %.6f, norm %.6f, entropy %.6f\n", now, norm, workspace.fixed_output("entropy"));
  }

  // Without gradients
  const double after = workspace.run(bindings, Sink<double>::none()).loss;

  // A gradient for each sample
  std::vector<double> norms(rows);
  workspace.run(bindings, Sink<double>::norm(norms.data()));
  std::printf("loss %.6f, first sample's norm %.6f\n", after, norms[0]);
}
