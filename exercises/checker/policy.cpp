#include <algorithm>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>

#include "compare.hpp"

namespace exercise {
namespace {

/// The gradient of a recorded loss of one row in its parameter vector.
std::vector<double> differentiate(const pigrad::Program& program, const std::vector<double>& parameters,
                                  const std::int32_t* action) {
  pigrad::Bindings<double> bindings(program);
  bindings.parameters(parameters.data());
  bindings.rows(1);
  const double one = 1;
  bindings.input("one", &one, 1);
  if (action) bindings.index("action", action);
  std::vector<double> gradient(parameters.size());
  pigrad::Workspace<double>(program, "reference").run(bindings, pigrad::Sink<double>::sum(gradient.data()));
  return gradient;
}

std::vector<double> tape_score(const std::vector<double>& logits, int action) {
  pigrad::ParameterLayout layout;
  layout.add("logits", 1, static_cast<int>(logits.size()));
  pigrad::Tape tape(layout);
  const pigrad::Tensor one = tape.input("one", 1), index = tape.index("action");
  const pigrad::Tensor z = expand(tape.parameter("logits"), one);
  const pigrad::Program program = tape.program(sum(gather(log_softmax(z), index) * one));
  const auto chosen = static_cast<std::int32_t>(action);
  return differentiate(program, logits, &chosen);
}

/// ∂ min(ρÂ, clip(ρ)Â)/∂ ln π at ρ = e^(ln π − ln π_old).
double tape_pull(double ratio, double advantage, double epsilon) {
  pigrad::ParameterLayout layout;
  layout.add("log_prob", 1, 1);
  pigrad::Tape tape(layout);
  const pigrad::Tensor one = tape.input("one", 1);
  const pigrad::Tensor rho = exp(expand(tape.parameter("log_prob"), one));
  const pigrad::Tensor clipped = clamp(rho, 1 - epsilon, 1 + epsilon);
  const pigrad::Program program = tape.program(sum(min(rho * advantage, clipped * advantage)));
  return differentiate(program, {std::log(ratio)}, nullptr)[0];
}

}  // namespace

Verdict check_score(const std::function<decltype(score)>& solution) {
  Draws draw;
  int compared = 0;
  for (int trial = 0; trial < 40; ++trial) {
    std::vector<double> z(static_cast<std::size_t>(2 + trial % 4));
    for (double& x : z) x = trial < 4 ? 0.5 * static_cast<double>(&x - z.data()) : draw(-4, 4);
    // Large logits: e^z by itself overflows.
    if (trial >= 36)
      for (double& x : z) x += 800;
    const int action = trial % static_cast<int>(z.size());
    const auto a = static_cast<std::size_t>(action);
    const std::vector<double> right = tape_score(z, action);
    std::vector<double> pi(z.size()), of_pi(z.size()), minus(z.size()), unit(z.size(), 0);
    unit[a] = 1;
    for (std::size_t b = 0; b < z.size(); ++b) {
      pi[b] = unit[b] - right[b];
      minus[b] = -right[b];
    }
    for (std::size_t b = 0; b < z.size(); ++b) of_pi[b] = pi[a] * right[b];
    const Verdict verdict =
        compare("score(" + list(z) + ", " + std::to_string(action) + ")", solution(z, action), right,
                {{of_pi, "That is ∇π, the gradient of the probability. ∇ln π = ∇π / π."},
                 {minus, "That is the gradient with the other sign: of a loss, −ln π, not of ln π."},
                 {unit, "That is e_a alone. The logits are also in ln Σ e^z, whose gradient is π."},
                 {pi, "Those are the probabilities. The score is e_a − π."}},
                trial >= 36 ? "These logits are large: e^800 is infinite. Take the largest logit away before exp."
                            : "The entries of a score add up to 0: what one action gains the others lose.");
    if (!verdict.right) return verdict;
    compared += static_cast<int>(z.size());
  }
  return {true, std::to_string(compared) + " derivatives agree with the tape's, large logits included."};
}

Verdict check_pull(const std::function<decltype(pull)>& solution) {
  int compared = 0;
  for (const double epsilon : {0.2, 0.1, 0.5})
    for (const double advantage : {1.0, -1.0, 2.5, -0.3, 0.0})
      for (const double ratio : {1.0, 0.95, 1.05, 0.4, 0.7, 1.3, 1.8, 3.0}) {
        const double right = tape_pull(ratio, advantage, epsilon), all = ratio * advantage;
        const bool outside = ratio < 1 - epsilon || ratio > 1 + epsilon;
        const double held = std::clamp(ratio, 1 - epsilon, 1 + epsilon) * advantage;
        const Verdict verdict = compare(
            "pull(ρ = " + number(ratio) + ", Â = " + number(advantage) + ", ε = " + number(epsilon) + ")",
            {solution(ratio, advantage, epsilon)}, {right},
            {{{outside ? 0 : all},
              "The clip was taken as a mask on both sides. A row that has gone the wrong way must be pulled back: the "
              "minimum takes the unclipped arm there."},
             {{all}, "Here the clipped arm is the smaller one, and it is constant: no gradient comes through."},
             {{held}, "That is the value of the clipped arm. The question is its derivative."},
             {{advantage}, "That is Â. ∇ρ = ρ∇ln π: the ratio is a factor."}},
            "c is ρÂ where the minimum takes the unclipped arm, and 0 where it takes the clipped one outside 1 ± ε.");
        if (!verdict.right) return verdict;
        ++compared;
      }
  return {true,
          std::to_string(compared) + " derivatives agree with the tape's, on both sides and for both signs of Â."};
}

}  // namespace exercise
