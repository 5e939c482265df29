#include "schedule.hpp"

#include <algorithm>
#include <cmath>

#include "../core/error.hpp"
#include "setting_text.hpp"

namespace pigrad {
namespace {

double factor_of(const SettingText& spec, const std::string& piece, bool above_zero) {
  const double factor = spec.number(piece);
  if (factor < 0 || (above_zero && factor == 0)) spec.refuse("with the factor " + piece);
  return factor;
}

double progress_of(const SettingText& spec, const std::string& piece) {
  const double progress = spec.number(piece);
  if (progress < 0 || progress > 1) spec.refuse("with the progress " + piece + " outside [0, 1]");
  return progress;
}

}  // namespace

Schedule::Schedule(const std::string& text, const std::string& where) : text_(text) {
  const SettingText spec =
      SettingText::parse(where, text,
                         "use constant, linear[:END], cosine[:END], exponential:END, step:FACTOR,P1,P2,… or "
                         "piecewise:P1=F1,P2=F2,… with factors ≥ 0 and rising progresses in [0, 1]");
  const std::size_t many = 1000;
  if (spec.name == "constant") {
    spec.expect(0, 0);
  } else if (spec.name == "linear" || spec.name == "cosine") {
    spec.expect(0, 1);
    kind_ = spec.name == "linear" ? Kind::linear : Kind::cosine;
    if (!spec.arguments.empty()) end_ = factor_of(spec, spec.arguments[0], false);
  } else if (spec.name == "exponential") {
    spec.expect(1, 1);
    kind_ = Kind::exponential;
    end_ = factor_of(spec, spec.arguments[0], true);
  } else if (spec.name == "step") {
    spec.expect(2, many);
    kind_ = Kind::step;
    const double each = factor_of(spec, spec.arguments[0], true);
    double reached = 1;
    for (std::size_t i = 1; i < spec.arguments.size(); ++i)
      points_.emplace_back(progress_of(spec, spec.arguments[i]), reached *= each);
  } else if (spec.name == "piecewise") {
    spec.expect(1, many);
    kind_ = Kind::piecewise;
    for (const std::string& point : spec.arguments) {
      const std::size_t equals = point.find('=');
      if (equals == std::string::npos) spec.refuse("with \"" + point + "\" where P=F goes");
      points_.emplace_back(progress_of(spec, point.substr(0, equals)),
                           factor_of(spec, point.substr(equals + 1), false));
    }
  } else {
    spec.refuse("unknown");
  }
  for (std::size_t i = 1; i < points_.size(); ++i)
    if (points_[i].first <= points_[i - 1].first) spec.refuse("with progresses that do not rise");
}

double Schedule::factor(double progress) const {
  const double p = progress > 0 ? std::min(progress, 1.0) : 0.0;
  switch (kind_) {
    case Kind::constant:
      return 1;
    case Kind::linear:
      return 1 + (end_ - 1) * p;
    case Kind::cosine:
      return end_ + (1 - end_) * (1 + std::cos(3.141592653589793238 * p)) / 2;
    case Kind::exponential:
      return std::pow(end_, p);
    case Kind::step: {
      double reached = 1;
      for (const auto& [from, factor] : points_)
        if (from <= p) reached = factor;
      return reached;
    }
    case Kind::piecewise: {
      if (p <= points_.front().first) return points_.front().second;
      for (std::size_t i = 1; i < points_.size(); ++i) {
        const auto& [p0, f0] = points_[i - 1];
        const auto& [p1, f1] = points_[i];
        if (p <= p1) return p == p1 ? f1 : f0 + (f1 - f0) * (p - p0) / (p1 - p0);
      }
      return points_.back().second;
    }
  }
  return 1;
}

double Schedule::value(double start, long long epoch, long long epochs) const {
  if (epochs <= 0)
    throw Error("schedule", "the number of epochs is " + std::to_string(epochs), "give a number above 0");
  return value(start, static_cast<double>(epoch) / static_cast<double>(epochs));
}

}  // namespace pigrad
