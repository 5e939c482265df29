#pragma once
#include <string>
#include <utility>
#include <vector>

namespace pigrad {

/// How a learning rate (or a clip range, an entropy bonus) moves in training, as a factor of its starting value.
/// Read from text; E, F, Pᵢ are numbers:
///
/// | text | factor at progress p |
/// |---|---|
/// | `constant` | 1 |
/// | `linear` or `linear:E` | 1 + (E−1)p, E = 0 if left out |
/// | `cosine` or `cosine:E` | E + (1−E)(1+cos πp)/2, E = 0 if left out (Loshchilov and Hutter 2017) |
/// | `exponential:E` | Eᵖ, E > 0 |
/// | `step:F,P1,P2,…` | F to the number of Pᵢ ≤ p, F > 0, the Pᵢ rising |
/// | `piecewise:P1=F1,P2=F2,…` | straight lines through the points, level outside them, the Pᵢ rising |
class Schedule {
 public:
  Schedule() = default;
  /// Throws Error, `where` being the setting that it names, with the forms there are, if the text is none of the above,
  /// a factor is negative or a progress is outside [0, 1].
  explicit Schedule(const std::string& text, const std::string& where = "schedule");

  /// The factor at a progress, which is clamped to [0, 1]; NaN counts as 0.
  double factor(double progress) const;
  /// start · factor(progress).
  double value(double start, double progress) const { return start * factor(progress); }
  /// The value in an epoch counted from 0: the progress is epoch/epochs, so that the first epoch has the starting value
  /// and the end value would be that of an epoch after the last. Throws Error unless epochs > 0.
  double value(double start, long long epoch, long long epochs) const;
  /// The text it was read from.
  const std::string& text() const { return text_; }

 private:
  enum class Kind { constant, linear, cosine, exponential, step, piecewise };
  std::string text_ = "constant";
  Kind kind_ = Kind::constant;
  double end_ = 0;
  std::vector<std::pair<double, double>> points_;  // of step: progress and the factor from there on
};

}  // namespace pigrad
