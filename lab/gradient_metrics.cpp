#include "gradient_metrics.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "../nn/schedule.hpp"
#include "../rl/counts.hpp"
#include "clip_meter.hpp"
#include "loss_terms.hpp"
#include "running_mean.hpp"
#include "step_meter.hpp"

namespace pigrad {
namespace {

/// Learning rows by the independent part of the rollout that they belong to.
struct Parts {
  std::vector<std::int32_t> rows;
  std::vector<int> begin;  ///< of each part, and the end of the last
  int count() const { return static_cast<int>(begin.size()) - 1; }
};

template <class T>
Parts parts_of(const Estimates<T>& e) {
  const Rollout<T>& r = e.rollout();
  std::vector<std::vector<std::int32_t>> parts(static_cast<std::size_t>(std::max(1, r.copies)));
  for (const std::int32_t row : e.rows()) {
    if (r.copies > 1) {
      parts[static_cast<std::size_t>(row % r.copies)].push_back(row);
      continue;
    }
    parts.back().push_back(row);
    if (e.path().cut(row, 0)) parts.emplace_back();
  }
  Parts flat;
  for (const auto& part : parts) {
    if (part.empty()) continue;
    flat.begin.push_back(static_cast<int>(flat.rows.size()));
    flat.rows.insert(flat.rows.end(), part.begin(), part.end());
  }
  flat.begin.push_back(static_cast<int>(flat.rows.size()));
  return flat;
}

template <class T>
class Measuring final : public GradientMetrics {
 public:
  Measuring(OnPolicy<T>& algorithm, int every, Hooks<T> hooks)
      : algorithm_(algorithm),
        every_(every),
        hooks_(std::move(hooks)),
        terms_(algorithm),
        steps_(algorithm),
        update_(std::int64_t{algorithm.epochs_done()} * algorithm.settings().rollouts) {
    const std::vector<Layer> layers = layers_of(algorithm.layout());
    for (std::size_t t = 0; t < terms_.names().size(); ++t) {
      std::vector<Layer> of;
      for (const Layer& layer : layers)
        for (const Segment& s : algorithm.layout().segments())
          if (s.offset >= layer.range.begin && s.offset < layer.range.end && terms_.reads(t, s) &&
              (of.empty() || of.back().name != layer.name))
            of.push_back(layer);
      of.push_back({"all", {of.front().range.begin, of.back().range.end}});
      measured_.push_back({NoiseMeter(of, algorithm.layout().size()), std::vector<Sums>(of.size())});
    }
    if (algorithm.settings().algorithm == "ppo") clip_.emplace(algorithm, terms_);
  }

  Hooks<T> hooks() {
    Hooks<T> all = hooks_;
    all.estimated = [this](int threads) {
      if (hooks_.estimated) hooks_.estimated(threads);
      estimated(threads);
    };
    all.step = [this](const StepEnd<T>& step) {
      if (hooks_.step) hooks_.step(step);
      note(step);
    };
    all.learnt = [this](int threads) {
      if (hooks_.learnt) hooks_.learnt(threads);
      learnt(threads);
    };
    all.epoch = [this](Metrics& metrics) {
      const bool goes_on = !hooks_.epoch || hooks_.epoch(metrics);
      report(metrics);
      return goes_on;
    };
    return all;
  }

  std::string words() const override {
    if (measurements_ == 0) return "";
    std::string text = "gradients measured in " + std::to_string(measurements_) + " updates";
    if (negative_ > 0)
      text += "; in " + std::to_string(negative_) +
              " of them the actor's |G|² came out negative: a rollout is too small to tell its gradient from noise";
    return text;
  }

  void save(State& state) const override {
    steps_.save(state);
    state.put("grad_metrics.measured", std::vector<std::int64_t>{measurements_, negative_});
  }
  void load(const State& state) override {
    steps_.load(state);
    const auto& measured = counts(state, "grad_metrics.measured", 2);
    measurements_ = measured[0], negative_ = measured[1];
    update_ = std::int64_t{algorithm_.epochs_done()} * algorithm_.settings().rollouts;
  }

 private:
  struct Sums {
    RunningMean norm, signal, trace, variance, cosine;
  };
  struct Measured {
    NoiseMeter meter;
    std::vector<Sums> sums;
  };

  bool measures() const { return update_ % every_ == 0; }

  void estimated(int threads) {
    if (!measures()) return;
    const Clock clock(seconds_);
    const Estimates<T>& e = algorithm_.estimates();
    const Parts parts = parts_of(e);
    terms_.look();
    estimates_.add(parts.count());
    std::vector<T> scaled;
    for (std::size_t t = 0; t < measured_.size(); ++t) {
      NoiseMeter& meter = measured_[t].meter;
      meter.begin();
      for (int i = 0; i < parts.count(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        const int count = parts.begin[at + 1] - parts.begin[at];
        scaled = terms_.gradient(t, parts.rows.data() + parts.begin[at], count, threads);
        const T share = static_cast<T>(static_cast<double>(parts.count()) * count / e.learning_rows());
        for (T& g : scaled) g *= share;
        meter.add(scaled.data());
      }
      for (std::size_t i = 0; i < meter.layers().size(); ++i) {
        const GradientNoise noise = meter.of(i);
        Sums& sums = measured_[t].sums[i];
        sums.norm.add(noise.norm), sums.signal.add(noise.signal), sums.trace.add(noise.trace);
        sums.variance.add(noise.trace / noise.estimates), sums.cosine.add(noise.cosine);
        if (t == 0 && i + 1 == meter.layers().size()) ++measurements_, negative_ += noise.signal <= 0;
      }
    }
    steps_.begin();
  }

  void note(const StepEnd<T>& step) {
    const bool next = (update_ + 1) % every_ == 0;
    if (!measures() && !next) return;
    const Clock clock(seconds_);
    if (measures()) steps_.measure(step);
    steps_.remember(step);
  }

  void learnt(int threads) {
    if (measures() && clip_) {
      const Clock clock(seconds_);
      const PpoSettings& ppo = algorithm_.settings().ppo;
      const int rounds = algorithm_.settings().rounds();
      const double factor = Schedule(ppo.clip_schedule).value(1, static_cast<int>(update_), rounds);
      const ClipShare share = clip_->measure(factor * ppo.clip, threads);
      clip_mass_.add(share.mass), clip_cosine_.add(share.cosine), clip_norm_.add(share.norm);
    }
    ++update_;
    if (!measures()) steps_.forget();
  }

  void report(Metrics& metrics) {
    metrics.emplace_back("grad/estimates", estimates_.take());
    for (std::size_t t = 0; t < measured_.size(); ++t)
      for (std::size_t i = 0; i < measured_[t].sums.size(); ++i) {
        Sums& sums = measured_[t].sums[i];
        const std::string name = "grad/" + terms_.names()[t] + "/" + measured_[t].meter.layers()[i].name + "/";
        const double signal = sums.signal.take(), trace = sums.trace.take();
        metrics.emplace_back(name + "norm", sums.norm.take());
        metrics.emplace_back(name + "signal", signal);
        metrics.emplace_back(name + "trace", trace);
        metrics.emplace_back(name + "snr", signal / sums.variance.take());
        metrics.emplace_back(name + "noise_scale", signal > 0 ? trace / signal : std::nan(""));
        metrics.emplace_back(name + "cosine", sums.cosine.take());
      }
    steps_.report(metrics);
    if (clip_) {
      metrics.emplace_back("grad/clip/mass", clip_mass_.take());
      metrics.emplace_back("grad/clip/cosine", clip_cosine_.take());
      metrics.emplace_back("grad/clip/norm_kept", clip_norm_.take());
    }
    metrics.emplace_back("time/grad_metrics", seconds_);
    seconds_ = 0;
  }

  /// Adds its life to a sum of seconds.
  class Clock {
   public:
    explicit Clock(double& sum) : sum_(sum) {}
    ~Clock() { sum_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;

   private:
    double& sum_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };

  OnPolicy<T>& algorithm_;
  int every_;
  Hooks<T> hooks_;
  LossTerms<T> terms_;
  StepMeter<T> steps_;
  std::optional<ClipMeter<T>> clip_;
  std::int64_t update_ = 0, measurements_ = 0, negative_ = 0;
  std::vector<Measured> measured_;
  RunningMean estimates_, clip_mass_, clip_cosine_, clip_norm_;
  double seconds_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<GradientMetrics> measure_gradients(OnPolicy<T>& algorithm, int every, Hooks<T> hooks) {
  if (every < 1) throw Error("grad_metrics", "every " + std::to_string(every) + " updates", "give at least 1");
  auto measuring = std::make_unique<Measuring<T>>(algorithm, every, std::move(hooks));
  algorithm.attach(measuring->hooks());
  return measuring;
}
template std::unique_ptr<GradientMetrics> measure_gradients(OnPolicy<float>&, int, Hooks<float>);
template std::unique_ptr<GradientMetrics> measure_gradients(OnPolicy<double>&, int, Hooks<double>);

std::unique_ptr<GradientMetrics> measure_gradients(Algorithm& algorithm, int every) {
  if (auto* of = dynamic_cast<OnPolicy<float>*>(&algorithm)) return measure_gradients(*of, every);
  if (auto* of = dynamic_cast<OnPolicy<double>*>(&algorithm)) return measure_gradients(*of, every);
  throw Error("grad_metrics", "the algorithm keeps no rollout to look at", "leave it out");
}

}  // namespace pigrad
