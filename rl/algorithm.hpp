#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../core/group.hpp"
#include "../env/registry.hpp"
#include "rollout.hpp"
#include "settings.hpp"
#include "state.hpp"
#include "watch.hpp"

namespace pigrad {

/// A metric of an epoch by its dashboard name, in the order of the columns.
using Metrics = std::vector<std::pair<std::string, double>>;

/// Returns of evaluation episodes.
struct Evaluation {
  double mean = 0, deviation = 0, least = 0, most = 0, mean_length = 0;
  int episodes = 0;
};

/// A policy-gradient algorithm over an environment of its own: collect → estimate → update, once an epoch. What follows
/// depends on settings and seed alone, not on threads.
class Algorithm {
 public:
  virtual ~Algorithm() = default;
  Algorithm(const Algorithm&) = delete;
  Algorithm& operator=(const Algorithm&) = delete;

  /// One epoch on at most `threads` threads. Throws Error, with parameters as they were before the failing step, if a
  /// loss or gradient is not finite.
  virtual Metrics epoch(int threads) = 0;
  /// From now on the group's processes train it together, to the bits of one alone: each steps a part of the copies and
  /// has a part of every update's shards. They hold the same algorithm in the same state; epoch and save are calls of
  /// all of them. Hooks are each process's own. On devices, made for so many processes,
  /// it is the bits of one but for rounding, and the same ones in every run. Throws Error where there are no copies
  /// that could be dealt: without an environment of its own.
  /// @param group outlives the algorithm
  virtual void share(Group& group);
  /// Episodes that ended in the last epoch.
  virtual const std::vector<Episode>& episodes() const = 0;
  virtual int epochs_done() const = 0;
  virtual std::int64_t steps_done() const = 0;
  virtual const ParameterLayout& layout() const = 0;
  virtual const TrainSettings& settings() const = 0;
  virtual const Spec& spec() const = 0;

  /// Whole episodes with the present policy in fresh copies, starts and actions drawn apart from training's. Throws
  /// Error if the environment has no time limit and an episode passes endless_episode steps.
  virtual Evaluation evaluate(int episodes, bool greedy, int threads) const = 0;
  /// Shows such episodes step by step, on this thread. Throws Error as evaluate does, unless the watch has a limit.
  virtual void watch(const Watch& watch) const = 0;

  /// Everything that the future depends on. load throws Error, and the algorithm must not be used, if it does not fit.
  virtual void save(State& state) const = 0;
  virtual void load(const State& state) = 0;

 protected:
  Algorithm() = default;
};

template <class T>
class OnPolicy;

/// An algorithm over an environment that somebody else owns: OnPolicy<T>::act, observe and update.
template <class T>
using HostedFactory = std::unique_ptr<OnPolicy<T>> (*)(const TrainSettings& settings, const Spec& spec);

using AlgorithmFactory = std::unique_ptr<Algorithm> (*)(const TrainSettings& settings, const Registry& environments);

struct AlgorithmEntry {
  const char* name;
  const char* words;
  AlgorithmFactory make_float, make_double;
  HostedFactory<float> host_float;
  HostedFactory<double> host_double;
  /// Settings, or groups of them, that it does not read: set on purpose, they are refused.
  std::vector<std::string> ignores;
};

/// The one list of algorithms.
const std::vector<AlgorithmEntry>& algorithms();

/// Makes the algorithm that settings.algorithm names, in settings.scalar. Throws Error for unknown names and settings
/// that do not go together.
std::unique_ptr<Algorithm> make_algorithm(const TrainSettings& settings, const Registry& environments);

/// The same for an environment that somebody else owns, in T whatever settings.scalar says.
template <class T>
std::unique_ptr<OnPolicy<T>> make_hosted(const TrainSettings& settings, const Spec& spec);

}  // namespace pigrad
