#include "algorithm.hpp"

#include <chrono>
#include <cstdlib>

#include "../rl/counts.hpp"
#include "../rl/metric_means.hpp"
#include "device_algorithm.hpp"
#include "refusals.hpp"

namespace pigrad {

bool rounds_are_recorded() {
  const char* asked = std::getenv("PIGRAD_CUDA_GRAPH");
  return !asked || std::string(asked) != "0";
}

template <class T>
void DeviceAlgorithm<T>::take_policy_home() const {
  const auto values = parameters_.download();
  Parameters<T>& home = host_->agent().parameters();
  std::copy(values.begin(), values.end(), home.data());
  home.touch();
  if (!normaliser_) return;
  State state;
  normaliser_->save(state);
  agent().normaliser()->load(state);
}

template <class T>
Metrics DeviceAlgorithm<T>::epoch(int) {
  require(ranks_ == 1 || group_, "epoch", "it was made for several ranks", "share it first");
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t steps_before = steps_done_;
  MetricMeans means;
  episodes_.clear();
  do {
    if (tracks_) {
      collector_.collect_episodes(parameters_.data(), *tracks_, rollout_);
    } else if (settings().reset_each_epoch && rounds_done_ > 0) {
      collector_.restart();
      if (rewards_) rewards_->restart();
    }
    const RoundNumbers numbers = plan();
    put(numbers, numbers_.data());
    // In the first round kernels are loaded and devices linked, which no graph can hold.
    if (!records_rounds_ || !warm_) {
      launch_round();
      warm_ = true;
    } else {
      if (!graph_.recorded()) graph_.record([this] { launch_round(); });
      graph_.launch();
    }
    settle();
    Metrics metrics;
    report(numbers, metrics);
    const auto ended = episodes_of_.take();
    episodes_.insert(episodes_.end(), ended.begin(), ended.end());
    ++rounds_done_;
    steps_done_ += rollout_.rows();
    means.add(metrics);
  } while (rounds_done_ % settings().rollouts != 0);
  Metrics metrics;
  statistics_.report(episodes_, metrics);
  means.report(metrics);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  metrics.emplace_back("time/fps", static_cast<double>(steps_done_ - steps_before) / seconds);
  metrics.emplace_back("time/total_timesteps", static_cast<double>(steps_done_));
  return metrics;
}

template <class T>
void DeviceAlgorithm<T>::share(Group& group) {
  require(group.size() == ranks_, "share", "it was made for another number of ranks",
          "give make_device_algorithm the group's size");
  if (group.size() == 1) return;
  graph_.forget();
  warm_ = false;
  group_ = make_device_group(group);
  records_rounds_ = records_rounds_ && group_->capturable();
  if (!tracks_) {
    collector_.share(*group_, rollout_);
    estimates_.share(*group_);
    if (normaliser_) normaliser_->share(*group_, settings().copies);
  }
  for (auto& descent : descents_) descent->share(*group_);
}

/// Waits for the device, and for what it waits for of other ranks: before any other wait.
template <class T>
void DeviceAlgorithm<T>::settle() const {
  if (group_) group_->wait();
  device_synchronize();
}

template <class T>
void DeviceAlgorithm<T>::save(State& state) const {
  collector_.gather();
  settle();
  host_->save(state);
  const auto values = parameters_.download();
  for (const Segment& s : layout().segments()) state.put_matrix(s.name, values.data() + s.offset, s.rows, s.columns);
  state.put("progress", std::vector<std::int64_t>{rounds_done_, steps_done_});
  statistics_.save(state);
  collector_.save(state);
  if (normaliser_) normaliser_->save(state);
  if (rewards_) rewards_->save(state);
  if (settings().algorithm == "ppo") state.put("ppo.passes", std::vector<std::int64_t>{passes_done_});
  for (const auto& descent : descents_)
    for (std::size_t i = 0; i < descent->optimisers().size(); ++i) {
      const DeviceOptimiser<T>& optimiser = descent->optimisers()[i];
      const std::string& name = descent->descent().movers[i].name;
      state.put(name + ".steps", std::vector<std::int64_t>{optimiser.steps()});
      for (const auto& array : optimiser.state()) state.put(name + "." + array.name, array.data.download());
    }
}

template <class T>
void DeviceAlgorithm<T>::load(const State& state) {
  graph_.forget();
  host_->load(state);
  parameters_.upload(host_->agent().parameters().data());
  const auto& progress = counts(state, "progress", 2);
  rounds_done_ = static_cast<int>(progress[0]);
  steps_done_ = progress[1];
  statistics_.load(state);
  collector_.load(state);
  if (normaliser_) normaliser_->load(state);
  if (rewards_) rewards_->load(state);
  if (settings().algorithm == "ppo") passes_done_ = counts(state, "ppo.passes", 1)[0];
  for (const auto& descent : descents_)
    for (std::size_t i = 0; i < descent->optimisers().size(); ++i) {
      DeviceOptimiser<T>& optimiser = descent->optimisers()[i];
      const std::string& name = descent->descent().movers[i].name;
      optimiser.set_steps(counts(state, name + ".steps", 1)[0]);
      for (auto& array : optimiser.state())
        array.data.upload(state.reals<T>(name + "." + array.name, static_cast<int>(array.data.size())).data());
    }
}

template class DeviceAlgorithm<float>;
template class DeviceAlgorithm<double>;

namespace {

template <class T>
std::unique_ptr<Algorithm> make_in(std::unique_ptr<Algorithm> host, int ranks) {
  auto* on_policy = dynamic_cast<OnPolicy<T>*>(host.get());
  const auto descents = on_policy ? on_policy->descents() : std::vector<Descent<T>>{};
  if (descents.empty())
    throw Error("--device cuda", host->settings().algorithm + " has no form for the GPU",
                "use --device cpu, or algorithm=a2c, a2c-joint, ppo, vpg or reinforce");
  check_device_footprint(host->settings(), on_policy->agent(), descents, device_memory_free(), ranks);
  host.release();
  return std::make_unique<DeviceAlgorithm<T>>(std::unique_ptr<OnPolicy<T>>(on_policy), descents, ranks);
}

}  // namespace

std::unique_ptr<Algorithm> make_device_algorithm(const TrainSettings& settings, const Registry& environments,
                                                 int ranks) {
  if (device_count() == 0) throw Error("--device cuda", describe_device(), "use --device cpu");
  refuse_what_has_no_device_form(settings);
  auto host = make_algorithm(settings, environments);
  return settings.scalar == "float64" ? make_in<double>(std::move(host), ranks)
                                      : make_in<float>(std::move(host), ranks);
}

}  // namespace pigrad
