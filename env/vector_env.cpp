#include "vector_env.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "../core/error.hpp"
#include "../core/parallel.hpp"
#include "wide.hpp"

namespace pigrad {
namespace {

constexpr int block_copies = 256;  // a block's states, rewards and flags stay in the first-level cache

std::size_t at(int copy) { return static_cast<std::size_t>(copy); }

/// The loops of count_steps, in every width.
template <class T>
struct Counting {
  PIGRAD_ALWAYS_INLINE inline void count_plain(int begin, int end, std::int32_t limit, const T* reward,
                                               const std::uint8_t* terminated, std::uint8_t* truncated,
                                               std::int32_t* length, double* total) {
    PIGRAD_INDEPENDENT_ITERATIONS
    for (int c = begin; c < end; ++c) total[c] += static_cast<double>(reward[c]);
    PIGRAD_INDEPENDENT_ITERATIONS
    for (int c = begin; c < end; ++c) {
      const std::int32_t steps = length[c] + 1;
      length[c] = steps;
      truncated[c] = static_cast<std::uint8_t>((steps >= limit) & (terminated[c] == 0));
    }
  }
  PIGRAD_WIDE(count,
              (int begin, int end, std::int32_t limit, const T* reward, const std::uint8_t* terminated,
               std::uint8_t* truncated, std::int32_t* length, double* total),
              (begin, end, limit, reward, terminated, truncated, length, total))
};

/// Adds a step to each copy of [begin, end): Σ reward, length, and truncated where that reaches the limit.
template <class T>
void count_steps(int begin, int end, std::int32_t limit, const T* reward, const std::uint8_t* terminated,
                 std::uint8_t* truncated, std::int32_t* length, double* total) {
  PIGRAD_WIDE_CALL(Counting<T>().count, (begin, end, limit, reward, terminated, truncated, length, total))
}

}  // namespace

Autoreset autoreset_from(const std::string& word) {
  for (Autoreset mode : {Autoreset::same_step, Autoreset::next_step, Autoreset::disabled})
    if (word == to_string(mode)) return mode;
  throw Error("autoreset", "there is no mode \"" + word + "\"", "choose same_step, next_step or disabled");
}

const char* to_string(Autoreset mode) {
  if (mode == Autoreset::same_step) return "same_step";
  return mode == Autoreset::next_step ? "next_step" : "disabled";
}

template <class T>
VectorEnv<T>::VectorEnv(Spec spec, std::unique_ptr<Dynamics<T>> dynamics, int copies, std::uint64_t seed,
                        const EnvOptions& options)
    : spec_(std::move(spec)),
      dynamics_(std::move(dynamics)),
      copies_(copies),
      seed_(seed),
      options_(options),
      random_(seed, options.purpose) {
  const char* where = spec_.id.c_str();
  require(copies >= 1, where, "an environment needs at least one copy", "set copies to 1 or more");
  require(options.max_steps >= -1, where, "the step limit is negative", "set max_steps to 0 (none) or more");
  require(dynamics_ != nullptr, where, "it has no dynamics", "give its factory's result");
  require(spec_.observation.is_box(), where, "observations must be a box", "describe a discrete state by features");
  if (dynamics_->observation_size() != spec_.observation.size())
    throw Error(where,
                "the dynamics observe " + std::to_string(dynamics_->observation_size()) +
                    " features but the spec says " + spec_.observation.describe(),
                "make the two agree");
  if (options.max_steps >= 0) spec_.max_steps = options.max_steps;
  const auto count = at(copies);
  length_.resize(count);
  return_.resize(count);
  episode_.resize(count);
  waiting_.resize(count);
  if (spec_.action.is_box() && !dynamics_->clips_its_own_actions()) clipped_.resize(at(spec_.action.size()) * count);
  for (std::size_t c = 0; c < count; ++c) begin_episode(c, 0);
}

template <class T>
VectorEnv<T>::~VectorEnv() = default;
template <class T>
VectorEnv<T>::VectorEnv(VectorEnv&&) noexcept = default;

template <class T>
void VectorEnv<T>::clear_counters(std::size_t copy) {
  length_[copy] = 0;
  return_[copy] = 0;
  waiting_[copy] = 0;
}

template <class T>
void VectorEnv<T>::tell_episode(std::size_t copy, const StepBuffers<T>& out) const {
  if (out.episode_return) out.episode_return[copy] = return_[copy];
  if (out.episode_length) out.episode_length[copy] = length_[copy];
}

template <class T>
void VectorEnv<T>::begin_episode(std::size_t copy, std::uint64_t episode) {
  episode_[copy] = episode;
  clear_counters(copy);
  dynamics_->reset(static_cast<int>(copy), Draws(random_, static_cast<std::uint32_t>(copy), episode));
}

template <class T>
void VectorEnv<T>::reset(T* obs, std::ptrdiff_t obs_ld) {
  for (std::size_t c = 0; c < at(copies_); ++c) begin_episode(c, 0);
  observe(obs, obs_ld);
}

template <class T>
void VectorEnv<T>::reset(std::uint64_t seed, T* obs, std::ptrdiff_t obs_ld) {
  set_seed(seed);
  reset(obs, obs_ld);
}

template <class T>
void VectorEnv<T>::reset_where(const std::uint8_t* chosen, T* obs, std::ptrdiff_t obs_ld) {
  require(chosen != nullptr, "reset_where", "the mask is null", "give one byte a copy");
  for (int c = 0; c < copies_; ++c) {
    if (!chosen[c]) continue;
    begin_episode(at(c), episode_[at(c)] + 1);
    observe_range(c, c + 1, obs, obs_ld);
  }
}

template <class T>
void VectorEnv<T>::observe_range(int begin, int end, T* obs, std::ptrdiff_t obs_ld) const {
  check_range(begin, end);
  require(obs != nullptr, "observe", "the observation panel is null", "give [observation_size × copies] scalars");
  require(obs_ld >= copies_, "observe", "the panel's ld is less than the number of copies",
          "give the distance between two features of a copy");
  dynamics_->observe(begin, end, obs, obs_ld);
}

template <class T>
void VectorEnv<T>::set_seed(std::uint64_t seed) {
  seed_ = seed;
  random_ = Random(seed, options_.purpose);
}

template <class T>
void VectorEnv<T>::check_copy(const char* where, int copy) const {
  if (copy < 0 || copy >= copies_)
    throw Error(where, "there is no copy " + std::to_string(copy),
                "choose one from 0 to " + std::to_string(copies_ - 1));
}

template <class T>
void VectorEnv<T>::check_range(int begin, int end) const {
  if (begin < 0 || begin > end || end > copies_)
    throw Error(spec_.id, "[" + std::to_string(begin) + ", " + std::to_string(end) + ") is no range of copies",
                "stay within [0, " + std::to_string(copies_) + ")");
}

template <class T>
void VectorEnv<T>::check_buffers(const StepBuffers<T>& out) const {
  require(out.obs && out.reward && out.terminated && out.truncated, "step",
          "obs, reward, terminated or truncated is null", "only final_obs, valid and the episode_ arrays are optional");
  require(out.obs_ld >= copies_ && (!out.final_obs || out.final_ld >= copies_), "step",
          "a panel's ld is less than the number of copies", "give the distance between two features of a copy");
}

template <class T>
void VectorEnv<T>::check_actions(int begin, int end, const Actions<T>& actions) const {
  if (spec_.action.is_discrete()) {
    require(actions.index != nullptr, "step", "the action space is discrete but no indices are given",
            "pass Actions::discrete");
    const auto n = static_cast<std::uint32_t>(spec_.action.n);
    unsigned bad = 0;
    for (int c = begin; c < end; ++c) bad |= static_cast<std::uint32_t>(actions.index[c]) >= n;
    if (!bad) return;
    int c = begin;
    while (c < end && (waiting_[at(c)] || static_cast<std::uint32_t>(actions.index[c]) < n)) ++c;
    if (c == end) return;
    throw Error(spec_.id,
                "action " + std::to_string(actions.index[c]) + " of copy " + std::to_string(c) + " is not in " +
                    spec_.action.describe(),
                "choose one from 0 to " + std::to_string(n - 1));
  }
  require(actions.panel != nullptr && actions.ld >= copies_, "step", "the action space is a box but no panel is given",
          "pass Actions::box with an ld of at least the number of copies");
  for (int a = 0; a < spec_.action.size(); ++a)
    for (int c = begin; c < end; ++c)
      if (std::isnan(actions.panel[a * actions.ld + c]) && !waiting_[at(c)])
        throw Error(spec_.id, "action feature " + std::to_string(a) + " of copy " + std::to_string(c) + " is NaN",
                    "look at the policy that chose it");
}

template <class T>
void VectorEnv<T>::clip(int begin, int end, const Actions<T>& actions) {
  for (int a = 0; a < spec_.action.size(); ++a) {
    const T low = static_cast<T>(spec_.action.low[at(a)]), high = static_cast<T>(spec_.action.high[at(a)]);
    const T* from = actions.panel + a * actions.ld;
    T* to = clipped_.data() + static_cast<std::ptrdiff_t>(a) * copies_;
    for (int c = begin; c < end; ++c) to[c] = std::min(std::max(from[c], low), high);
  }
}

template <class T>
void VectorEnv<T>::step(int threads, const Actions<T>& actions, const StepBuffers<T>& out) {
  check_buffers(out);
  check_actions(0, copies_, actions);
  const int width = dynamics_->copies_a_thread();
  const int shards = (copies_ + width - 1) / width;
  parallel_for(threads, shards, [&](int shard, int) {
    const int begin = shard * width;
    step_checked(begin, std::min(begin + width, copies_), actions, out);
  });
}

template <class T>
void VectorEnv<T>::step_range(int begin, int end, const Actions<T>& actions, const StepBuffers<T>& out) {
  check_range(begin, end);
  check_buffers(out);
  check_actions(begin, end, actions);
  step_checked(begin, end, actions, out);
}

template <class T>
void VectorEnv<T>::step_checked(int begin, int end, const Actions<T>& actions, const StepBuffers<T>& out) {
  for (int b = begin; b < end; b += block_copies) step_block(b, std::min(b + block_copies, end), actions, out);
}

template <class T>
void VectorEnv<T>::step_block(int begin, int end, const Actions<T>& actions, const StepBuffers<T>& out) {
  Actions<T> bounded = actions;
  if (!clipped_.empty()) {
    clip(begin, end, actions);
    bounded = Actions<T>::box(clipped_.data(), copies_);
  }
  if (options_.autoreset == Autoreset::same_step) {
    dynamics_->step_and_observe(begin, end, bounded, out.reward, out.terminated, out.obs, out.obs_ld);
    count_same_step(begin, end, out);
    return;
  }
  for (int c = begin; c < end; ++c) {
    const int first = c;
    while (c < end && !waiting_[at(c)]) ++c;
    if (c > first) dynamics_->step_and_observe(first, c, bounded, out.reward, out.terminated, out.obs, out.obs_ld);
  }
  count_masked(begin, end, out);
  dynamics_->observe(begin, end, out.obs, out.obs_ld);
}

template <class T>
void VectorEnv<T>::count_same_step(int begin, int end, const StepBuffers<T>& out) {
  const std::int32_t limit = spec_.max_steps > 0 ? spec_.max_steps : std::numeric_limits<std::int32_t>::max();
  count_steps(begin, end, limit, out.reward, out.terminated, out.truncated, length_.data(), return_.data());
  if (out.valid) std::memset(out.valid + begin, 1, at(end - begin));
  int ended[block_copies + 1], count = 0;
  int c = begin;
  const auto note = [&](int k) {
    ended[count] = k;
    count += (out.terminated[k] | out.truncated[k]) != 0;
  };
  for (; c + 8 <= end; c += 8) {
    std::uint64_t terminated, truncated;
    std::memcpy(&terminated, out.terminated + c, 8);
    std::memcpy(&truncated, out.truncated + c, 8);
    if (!(terminated | truncated)) continue;
    for (int k = c; k < c + 8; ++k) note(k);
  }
  for (; c < end; ++c) note(c);
  if (count > 0) end_episodes(ended, count, out);
}

template <class T>
void VectorEnv<T>::end_episodes(const int* ended, int count, const StepBuffers<T>& out) {
  std::uint64_t episodes[block_copies];
  if (out.final_obs) dynamics_->observe_some(ended, count, out.final_obs, out.final_ld);
  for (int i = 0; i < count; ++i) {
    const std::size_t c = at(ended[i]);
    tell_episode(c, out);
    episodes[i] = ++episode_[c];
    clear_counters(c);
  }
  dynamics_->reset_some(ended, episodes, count, random_);
  dynamics_->observe_some(ended, count, out.obs, out.obs_ld);
}

template <class T>
void VectorEnv<T>::count_masked(int begin, int end, const StepBuffers<T>& out) {
  const bool next_step = options_.autoreset == Autoreset::next_step;
  for (int c = begin; c < end; ++c) {
    const std::uint8_t waiting = waiting_[at(c)];
    if (out.valid) out.valid[c] = waiting == 0;
    if (waiting) {
      out.reward[c] = 0;
      out.terminated[c] = !next_step && waiting == 1;
      out.truncated[c] = !next_step && waiting == 2;
      if (next_step) begin_episode(at(c), episode_[at(c)] + 1);
      continue;
    }
    length_[at(c)] += 1;
    return_[at(c)] += static_cast<double>(out.reward[c]);
    out.truncated[c] = !out.terminated[c] && spec_.max_steps > 0 && length_[at(c)] >= spec_.max_steps;
    if (out.terminated[c] | out.truncated[c]) wait_for_reset(c, out);
  }
}

template <class T>
void VectorEnv<T>::wait_for_reset(int copy, const StepBuffers<T>& out) {
  if (out.final_obs) dynamics_->observe(copy, copy + 1, out.final_obs, out.final_ld);
  tell_episode(at(copy), out);
  waiting_[at(copy)] = out.terminated[copy] ? 1 : 2;
}

template <class T>
std::vector<double> VectorEnv<T>::get_state(int copy) const {
  check_copy("get_state", copy);
  std::vector<double> state(at(state_size()));
  dynamics_->get_state(copy, state.data());
  return state;
}

template <class T>
void VectorEnv<T>::set_state(int copy, const std::vector<double>& state) {
  check_copy("set_state", copy);
  if (state.size() != at(state_size()))
    throw Error("set_state",
                spec_.id + " has " + std::to_string(state_size()) + " state values but " +
                    std::to_string(state.size()) + " are given",
                "give all of them");
  dynamics_->set_state(copy, state.data());
  clear_counters(at(copy));
}

template class VectorEnv<float>;
template class VectorEnv<double>;

}  // namespace pigrad
