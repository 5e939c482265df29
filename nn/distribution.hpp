#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../core/parameters.hpp"
#include "../core/random.hpp"
#include "../core/tape.hpp"

namespace pigrad {

/// How an action distribution is parametrised.
struct DistributionSettings {
  std::string name = "categorical";      ///< "categorical" or "gaussian"
  std::string log_prob = "log_softmax";  ///< of categorical: "log_softmax", or "log_of_softmax", which underflows
  std::string spread = "learned";     ///< of gaussian: "fixed", "learned" (one a dimension), "state" (from the network)
  std::string spread_is = "log_std";  ///< of gaussian: "log_std" or "log_variance"
  double initial_spread = 0;          ///< of gaussian: a fixed spread, or where a learned one starts, in those units
};

/// A family of distributions over actions, driven by a network's output. On the tape it gives log-probabilities,
/// entropies and divergences; off the tape it samples from the statistics [rows×S] that a forward pass put out.
class Distribution {
 public:
  virtual ~Distribution() = default;

  const std::string& name() const { return settings_.name; }
  const DistributionSettings& settings() const { return settings_; }
  virtual bool discrete() const = 0;
  /// Choices, or dimensions of the action.
  int actions() const { return actions_; }
  /// Columns that the network must put out.
  virtual int network_outputs() const = 0;
  /// Columns S of statistics().
  virtual int statistics_columns() const = 0;

  /// Adds the distribution's own parameters (a learned spread) as `name.log_std` or `name.log_variance`.
  virtual void add_parameters(ParameterLayout&, const std::string& /*name*/) {}
  /// Starting values of those, by segment name.
  virtual std::vector<std::pair<std::string, double>> initial_values() const { return {}; }

  /// The tape's leaf for actions: integers [B×1] or reals [B×A].
  Tensor action_input(Tape& tape, const std::string& name) const;
  /// ln π(a|s) [B×1] from the network's output and actions.
  virtual Tensor log_prob(const Tensor& output, const Tensor& action) const = 0;
  /// The same from statistics(), with the same bits: the way to a sampled action's log-probability without the network.
  virtual Tensor log_prob_from(const Tensor& statistics, const Tensor& action) const;
  /// H(π(·|s)) [B×1].
  virtual Tensor entropy(const Tensor& output) const = 0;
  /// What sampling and divergences need [B×S]: log-probabilities of each choice, or means and log standard deviations.
  virtual Tensor statistics(const Tensor& output) const = 0;
  /// KL(p‖q) [B×1] of two statistics(), not of two outputs: those leave out a learned spread, so that an old policy
  /// could not be told from a new one. The Fisher matrix is the Hessian of kl(stop_gradient(s), s).
  virtual Tensor kl(const Tensor& p, const Tensor& q) const = 0;

  /// One action a row. Row i draws from random(stream + i, counter), so results do not depend on who samples when.
  /// Actions go to `index` [rows] if discrete, else to `action` (views [rows×A]); ln π(a|s) to log_prob [rows] if not
  /// null. It is that of the action as stored, in the order of log_prob()'s sums: for choices with the same bits, for
  /// box actions what the reference kernels compute (see log_prob_from).
  virtual void sample(int rows, View<const float> statistics, const Random& random, std::uint32_t stream,
                      std::uint64_t counter, std::int32_t* index, View<float> action, float* log_prob) const = 0;
  virtual void sample(int rows, View<const double> statistics, const Random& random, std::uint32_t stream,
                      std::uint64_t counter, std::int32_t* index, View<double> action, double* log_prob) const = 0;
  /// The most probable action of each row: the first choice at a tie, or the mean.
  virtual void mode(int rows, View<const float> statistics, std::int32_t* index, View<float> action) const = 0;
  virtual void mode(int rows, View<const double> statistics, std::int32_t* index, View<double> action) const = 0;

 protected:
  Distribution(const DistributionSettings& settings, int actions) : settings_(settings), actions_(actions) {}

  DistributionSettings settings_;
  int actions_;
};

/// Makes the distribution that settings.name names, over `actions` choices or dimensions.
/// Throws Error, listing what there is, for an unknown name or form, a categorical over a continuous space and the
/// reverse, no actions, or a spread that is not finite.
/// @param discrete_space the action space has choices, not dimensions
/// @param space_name for the message: the environment's id
/// @param where for the message: the setting that names the distribution
std::unique_ptr<Distribution> make_distribution(const DistributionSettings& settings, int actions, bool discrete_space,
                                                const std::string& space_name,
                                                const std::string& where = "distribution");
std::vector<std::string> distribution_names();

}  // namespace pigrad
