#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../rl/on_policy.hpp"

namespace pigrad {

struct CurvatureOptions {
  int sample_episodes = 20;  ///< whose steps everything is a mean over
  int eigenvalues = 8;       ///< the largest of each matrix
  int steps = 60;            ///< of Lanczos' iteration, a product each; at least as many as eigenvalues
  std::vector<double> dampings = {1, 0.1, 0.01, 0.001};
  std::uint64_t seed = 1;  ///< of episodes and start vectors
  int threads = 1;
};

/// The largest eigenvalues of a matrix over the policy's parameters.
struct MatrixSpectrum {
  std::string name;               ///< "true Fisher", "empirical Fisher", "Hessian of the surrogate"
  std::vector<double> values;     ///< largest first
  std::vector<double> residuals;  ///< ‖Av − λv‖ of each
  std::vector<double> shares;     ///< cos² of the gradient's angle to each eigenvector: how much of it lies there
};

/// The natural gradient at one damping λ.
struct NaturalAngle {
  double damping = 0, degrees = 0;  ///< of the angle to the plain gradient
  double length = 0;                ///< ‖(F + λI)⁻¹ g‖
  int products = 0;
  double residual = 0;  ///< of the linear system, as a part of ‖g‖
};

/// How curved a policy's surroundings are, as its own episodes show them: F = E ∇ln π ∇ln πᵀ with actions from the
/// policy (true) and with those taken (empirical; Martens 2020, section 5), and the Hessian of mean ρΨ, which need not
/// be of one sign.
struct PolicyCurvature {
  int rows = 0;              ///< steps sampled
  double gradient_norm = 0;  ///< of mean Ψ ∇ln π
  std::vector<MatrixSpectrum> matrices;
  std::vector<NaturalAngle> angles;  ///< one for each damping
};

/// @param subject a run opened, `state` its checkpoint
/// Throws Error where the gradient is 0, or an option asks for less than one.
PolicyCurvature policy_curvature(const OnPolicy<double>& subject, const State& state,
                                 const CurvatureOptions& options = {});

}  // namespace pigrad
