#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../rl/episode_statistics.hpp"
#include "../rl/joint_update.hpp"
#include "../rl/on_policy.hpp"
#include "footprint.hpp"
#include "graph.hpp"
#include "normaliser.hpp"
#include "update.hpp"

namespace pigrad {

/// False if the environment variable PIGRAD_CUDA_GRAPH is 0: rounds are launched kernel by kernel.
bool rounds_are_recorded();

/// An on-policy algorithm whose rollouts and updates are the device's. The processor's own form of it gives networks,
/// losses and settings, evaluates, and holds what checkpoints are written from.
template <class T>
class DeviceAlgorithm final : public Algorithm {
 public:
  DeviceAlgorithm(std::unique_ptr<OnPolicy<T>> host, const std::vector<Descent<T>>& descents, int ranks = 1)
      : ranks_(ranks),
        host_(std::move(host)),
        parameters_(static_cast<std::size_t>(host_->layout().size())),
        rollout_(RolloutShape::of_run(spec(), settings())),
        tracks_(settings().whole_episodes ? std::make_unique<DeviceTracks<T>>(spec(), settings()) : nullptr),
        normaliser_(settings().observation.normalise ? std::make_unique<DeviceObservationNormaliser<T>>(
                                                           agent().observation_size(), settings().observation)
                                                     : nullptr),
        rewards_(settings().reward.scale || settings().reward.clip > 0
                     ? std::make_unique<DeviceRewardScaler<T>>(settings().copies, settings().gamma, settings().reward)
                     : nullptr),
        collector_(agent(), settings().copies, settings().steps, static_cast<std::uint64_t>(settings().seed),
                   normaliser_.get(), true, ranks_that_act(settings(), ranks)),
        estimates_(settings(), agent(), RolloutShape::of_run(spec(), settings()), ranks_that_act(settings(), ranks)),
        episodes_of_(rollout_.rows()),
        records_(records_of_a_round(settings(), spec(), descents)),
        explained_(std::vector<double>(1)),
        verdict_(1),
        scratch_(sum_scratch(1)),
        order_(static_cast<std::size_t>(rollout_.rows())),
        numbers_(1) {
    int movers = 0;
    for (const Descent<T>& d : descents) {
      descents_.push_back(std::make_unique<DeviceDescent<T>>(d, rows_of_a_run(settings(), spec(), d, ranks),
                                                             steps_of_a_round(settings(), spec(), d), movers));
      movers += static_cast<int>(d.movers.size());
    }
    State state;
    host_->save(state);
    load(state);
  }

  Metrics epoch(int threads) override;
  void share(Group& group) override;
  const std::vector<Episode>& episodes() const override { return episodes_; }
  int epochs_done() const override { return rounds_done_ / settings().rollouts; }
  std::int64_t steps_done() const override { return steps_done_; }
  const ParameterLayout& layout() const override { return host_->layout(); }
  const TrainSettings& settings() const override { return host_->settings(); }
  const Spec& spec() const override { return host_->spec(); }

  Evaluation evaluate(int episodes, bool greedy, int threads) const override {
    take_policy_home();
    return host_->evaluate(episodes, greedy, threads);
  }
  void watch(const Watch& watch) const override {
    take_policy_home();
    host_->watch(watch);
  }
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  using Of = typename Descent<T>::Of;
  using Run = typename DeviceDescent<T>::Run;
  Agent<T>& agent() const { return host_->agent(); }
  void settle() const;
  void take_policy_home() const;
  bool apart() const { return descents_.front()->descent().of != Of::both; }
  Minibatches minibatches() const;
  RoundNumbers plan();
  void launch_round();
  void learn_apart();
  void learn_together();
  void report(const RoundNumbers& numbers, Metrics& metrics);
  void report_apart(double explained, Metrics& metrics);
  void report_together(const RoundNumbers& numbers, double explained, Metrics& metrics);
  double most_kl() const;
  Fit<int> fit(DeviceDescent<T>& descent, const T* weight, int steps);
  Fit<double> seen(const DeviceDescent<T>& descent, const Fit<int>& fit) const;

  int ranks_;
  std::unique_ptr<DeviceGroup> group_;  ///< null: one device
  std::unique_ptr<OnPolicy<T>> host_;
  DeviceArray<T> parameters_;
  DeviceRollout<T> rollout_;
  std::unique_ptr<DeviceTracks<T>> tracks_;  ///< of whole episodes
  std::unique_ptr<DeviceObservationNormaliser<T>> normaliser_;
  std::unique_ptr<DeviceRewardScaler<T>> rewards_;
  DeviceCollector<T> collector_;
  DeviceEstimates<T> estimates_;
  DeviceEpisodes<T> episodes_of_;
  DeviceRecords<T> records_;
  DeviceArray<double> explained_;
  DeviceArray<DeviceVerdict> verdict_;
  DeviceArray<double> scratch_;
  DeviceArray<std::int32_t> order_;
  DeviceArray<RoundNumbers> numbers_;  ///< one
  std::vector<std::unique_ptr<DeviceDescent<T>>> descents_;
  bool warm_ = false;                                        ///< a round has run since this is shared
  DeviceGraph graph_;                                        ///< launch_round
  bool records_rounds_ = rounds_are_recorded() && !tracks_;  ///< how many rows whole episodes have is not known before
  Fit<int> of_policy_, of_critic_;                           ///< records of a round

  EpisodeStatistics statistics_;
  std::vector<Episode> episodes_;
  int rounds_done_ = 0;
  std::int64_t steps_done_ = 0, passes_done_ = 0;
};

extern template class DeviceAlgorithm<float>;
extern template class DeviceAlgorithm<double>;

}  // namespace pigrad
