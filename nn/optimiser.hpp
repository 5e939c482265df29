#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../core/parameters.hpp"

namespace pigrad {

/// Which optimiser, and all that any of them reads. Make one with OptimiserSettings::of(name) to start from PyTorch's
/// defaults of that optimiser.
struct OptimiserSettings {
  std::string name = "adam";    ///< "sgd", "adam", "adamw" or "rmsprop"
  double learning_rate = 1e-3;  ///< ≥ 0
  double weight_decay = 0;      ///< ≥ 0; added to the gradient as λθ; adamw instead shrinks θ by 1 − ηλ
  bool maximise = false;        ///< go up the gradient
  double momentum = 0;          ///< of sgd and rmsprop, ≥ 0
  double dampening = 0;         ///< of sgd's momentum: the gradient enters it with weight 1 − dampening
  bool nesterov = false;        ///< of sgd: needs momentum > 0 and dampening 0
  double beta1 = 0.9;           ///< of adam and adamw: decay of the gradient's mean, in [0, 1)
  double beta2 = 0.999;         ///< of adam and adamw: decay of the gradient's mean square, in [0, 1)
  double alpha = 0.99;          ///< of rmsprop: decay of the gradient's mean square, in [0, 1]
  double epsilon = 1e-8;        ///< of adam, adamw and rmsprop, ≥ 0
  bool epsilon_inside = false;  ///< of rmsprop: √(s+ε), as TensorFlow has it, instead of √s + ε, as PyTorch has it
  double initial_mean_square = 0;  ///< of rmsprop: s before the first step; TensorFlow starts from 1
  bool centered = false;           ///< of rmsprop: divide by the deviation √(s − ḡ²)

  /// PyTorch's defaults: learning rate 1e-3, but 1e-2 for rmsprop; weight decay 0, but 1e-2 for adamw.
  /// Throws Error, listing the names there are, if there is no such optimiser.
  static OptimiserSettings of(const std::string& name);
  bool operator==(const OptimiserSettings&) const = default;
};

/// Throws Error, `where` being the group of settings that it names, for a number outside what it may be or one that the
/// optimiser has no use for.
void check_optimiser(const OptimiserSettings& settings, const std::string& where = "optimiser");

/// An optimiser's memory between steps, for checkpoints: one number for each parameter of its range.
template <class T>
struct OptimiserState {
  const char* name = "";
  T* data = nullptr;
  int size = 0;
};

/// Moves one range of a parameter vector along a gradient, computing as PyTorch does, in T.
template <class T>
class Optimiser {
 public:
  virtual ~Optimiser() = default;
  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;

  /// One step over the range, then parameters.touch(range). Allocates nothing.
  /// @param gradient of the whole vector: gradient[i] belongs to parameters.data()[i]; only the range is read
  /// Throws Error if the range ends beyond the parameters.
  void step(Parameters<T>& parameters, const T* gradient);

  double learning_rate() const { return settings_.learning_rate; }
  /// For schedules. Throws Error unless the rate is finite and ≥ 0.
  void set_learning_rate(double rate);
  const OptimiserSettings& settings() const { return settings_; }
  ParameterRange range() const { return range_; }

  /// Steps taken. With state(), all that a checkpoint needs.
  std::int64_t steps() const { return steps_; }
  /// Throws Error if negative.
  void set_steps(std::int64_t steps);
  /// The arrays to save, and to fill when resuming; their names and order depend on the settings only.
  std::vector<OptimiserState<T>> state();
  std::vector<OptimiserState<const T>> state() const;

 protected:
  Optimiser(const OptimiserSettings& settings, ParameterRange range, std::vector<const char*> state_names);
  /// Updates `size` parameters; `steps()` already counts this one.
  virtual void update(T* parameters, const T* gradient, int size) = 0;
  T* state_data(std::size_t i) { return arrays_[i].data() + phase(); }

 private:
  /// Scalars from the beginning of a cache line to the range's first parameter: states lie as the parameters do.
  std::size_t phase() const { return static_cast<std::size_t>(range_.begin) % (AlignedAllocator<T>::line / sizeof(T)); }

  OptimiserSettings settings_;
  ParameterRange range_;
  std::int64_t steps_ = 0;
  std::vector<const char*> names_;
  std::vector<AlignedVector<T>> arrays_;
};

/// Throws Error if the name is unknown, a setting is out of its range or belongs to another optimiser, or the range is
/// empty or negative.
template <class T>
std::unique_ptr<Optimiser<T>> make_optimiser(const OptimiserSettings& settings, ParameterRange range);

/// Whether the optimiser of that name reads a setting of OptimiserSettings, given by its member's name.
/// Throws Error if there is no such optimiser.
bool optimiser_reads(const std::string& name, const std::string& setting);

/// The names that make_optimiser knows.
std::vector<std::string> optimiser_names();

}  // namespace pigrad
