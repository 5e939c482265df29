#pragma once
#include <string>
#include <vector>

#include "../core/parameters.hpp"

namespace pigrad {

/// A part of a parameter vector that people speak of as one: a weight and its bias, a spread, or all of it.
struct Layer {
  std::string name;  ///< "policy.0", "policy.log_std", "all"
  ParameterRange range;
};

/// The layers of a layout in its order: segments NAME.weight and NAME.bias are one, every other segment is its own.
std::vector<Layer> layers_of(const ParameterLayout& layout);

/// What independent estimates g₁ … g_B of one gradient tell of it, their mean being ĝ (McCandlish et al. 2018,
/// appendix A.1). Σ is the covariance of one gᵢ, so that Cov(ĝ) = Σ/B.
struct GradientNoise {
  int estimates = 0;  ///< B
  double norm = 0;    ///< ‖ĝ‖
  double trace = 0;   ///< S = B/(B−1)·(mean ‖gᵢ‖² − ‖ĝ‖²), unbiased for tr Σ
  double signal = 0;  ///< |G|² = ‖ĝ‖² − S/B, unbiased for ‖G‖² and negative where noise drowns it
  double cosine = 0;  ///< mean of gᵢ·gⱼ/(‖gᵢ‖‖gⱼ‖) over i ≠ j, of estimates that are not 0
  /// ‖G‖²/tr Cov(ĝ) = |G|²/(S/B); negative where |G|² is.
  double snr() const;
  /// tr Σ/‖G‖²: how many such estimates a mean needs before its noise is as large as G. NaN where |G|² ≤ 0.
  double noise_scale() const;
};

/// Takes in independent estimates of a gradient one by one and keeps only their sums: O(P) memory whatever B.
class NoiseMeter {
 public:
  /// @param size P. What lies outside every layer is passed over
  NoiseMeter(std::vector<Layer> layers, int size);
  void begin();
  /// One estimate [P]. Those of equal expectation and none made from another's data.
  template <class T>
  void add(const T* gradient);
  const std::vector<Layer>& layers() const { return layers_; }
  /// Of layer i. NaN but for norm and estimates where there are fewer than 2.
  GradientNoise of(std::size_t layer) const;
  /// Their mean ĝ [P], 0 outside the layers.
  std::vector<double> mean() const;

 private:
  struct Sums {
    double squares = 0;         ///< Σ ‖gᵢ‖²
    int directed = 0;           ///< estimates that are not 0
    std::vector<double> units;  ///< Σ gᵢ/‖gᵢ‖ [range]
  };
  std::vector<Layer> layers_;
  ParameterRange span_;  ///< of all layers
  std::vector<Sums> sums_;
  std::vector<double> total_;
  int count_ = 0;
};

}  // namespace pigrad
