#pragma once
#include <string>
#include <vector>

#include "exact.hpp"
#include "moments.hpp"
#include "quality.hpp"

namespace pigrad::lab {

/// Where an estimator's critic comes from.
struct CriticChoice {
  enum class Kind { exact, learned, spoiled };
  Kind kind = Kind::exact;
  int episodes = 0;  ///< that a learned one was fitted on
  double error = 0;  ///< e of a spoiled one: V̂ = V + e·z, z standard normal of each state
  /// "exact", "learned:100", "spoiled:0.2". Throws Error, with these forms, for anything else.
  static CriticChoice parse(const std::string& text);
};

/// An estimator held against the exact gradient of a finite MDP.
struct TruthSettings {
  PsiSettings psi;
  CriticChoice critic;
  int batch = 1;         ///< episodes of one estimate, over which advantages are normalised
  int episodes = 20000;  ///< sampled
  int fitted = 2000;     ///< other episodes, to fit baselines on
  double confidence = 0.95;
  std::uint64_t seed = 1;
  int threads = 1;
};
struct TruthAt {
  int estimates = 0;  ///< averaged
  Interval error;     ///< ‖ĝ − ∇J‖²
  Interval cosine;
};
struct Truth {
  std::vector<double> gradient;  ///< ∇J [P]
  double objective = 0, length = 0;
  Quality quality;                       ///< of one estimate
  bool exact = false;                    ///< moments are known
  ExactMoments moments;                  ///< of one episode
  VarianceParts parts;                   ///< of one timestep's term, from rows
  std::vector<TruthAt> against_samples;  ///< 1, 4, 16, … estimates
};
/// Throws Error for a baseline or Ψ that lacks its critic, a batch of more than half of the episodes, a policy or MDP
/// without an end.
Truth against_truth(const FiniteMdp& mdp, const FinitePolicy& policy, const TruthSettings& settings);

}  // namespace pigrad::lab
