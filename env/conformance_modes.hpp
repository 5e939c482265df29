#pragma once
#include <algorithm>
#include <stdexcept>
#include <string>

#include "probe.hpp"

/// The conformance checks of episode boundaries and autoreset modes.
namespace pigrad::detail {

/// A check that does not hold; the words go to the result.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline std::string place(std::size_t copy, std::uint64_t t) {
  return " (copy " + std::to_string(copy) + ", step " + std::to_string(t) + ")";
}

inline void expect(bool holds, const char* words, std::size_t copy, std::uint64_t t) {
  if (!holds) throw Fault(words + place(copy, t));
}

constexpr int mode_copies = 19;
constexpr int mode_limit = 8;  // short, so that truncation comes in every environment that does not end sooner
constexpr std::uint64_t mode_steps = 60;

template <class T>
std::string check_boundaries(const Registry& registry, const std::string& name) {
  std::uint64_t terminated = 0, truncated = 0;
  for (int limit : {1, mode_limit, -1}) {
    Probe<T> p(registry, name, mode_copies, 1, Autoreset::same_step, limit);
    const int most = p.env->spec().max_steps;
    const auto steps = std::max(mode_steps, static_cast<std::uint64_t>(std::min(2 * most + 1, 1200)));
    std::vector<int> length(p.copies);
    std::vector<double> total(p.copies);
    for (std::uint64_t t = 0; t < steps; ++t) {
      p.step(t);
      for (std::size_t c = 0; c < p.copies; ++c) {
        ++length[c];
        total[c] += static_cast<double>(p.reward[c]);
        expect(!(p.terminated[c] && p.truncated[c]), "both flags are set", c, t);
        expect(!p.truncated[c] || length[c] == most, "truncated, but not at the limit", c, t);
        expect(most == 0 || length[c] < most || p.ended(c), "the limit passed without an end", c, t);
        if (!p.ended(c)) continue;
        expect(p.episode_length[c] == length[c], "episode_length is not the number of steps", c, t);
        expect(p.episode_return[c] == total[c], "episode_return is not the sum of rewards", c, t);
        (p.terminated[c] ? terminated : truncated) += 1;
        length[c] = 0;
        total[c] = 0;
      }
    }
  }
  return std::to_string(terminated) + " terminated, " + std::to_string(truncated) + " truncated, never both";
}

template <class T>
std::string check_same_step(const Registry& registry, const std::string& name) {
  Probe<T> p(registry, name, mode_copies, 1, Autoreset::same_step, mode_limit);
  Probe<T> starts(registry, name, mode_copies, 1, Autoreset::disabled, mode_limit);
  std::vector<std::uint8_t> chosen(p.copies);
  std::uint64_t ends = 0;
  for (std::uint64_t t = 0; t < mode_steps; ++t) {
    p.step(t);
    for (std::size_t c = 0; c < p.copies; ++c) {
      chosen[c] = p.ended(c);
      ends += chosen[c];
      expect(p.valid[c] == 1, "valid is not 1", c, t);
    }
    starts.env->reset_where(chosen.data(), starts.obs.data(), starts.ld());
    for (std::size_t c = 0; c < p.copies; ++c)
      for (std::size_t f = 0; chosen[c] && f < p.features; ++f)
        expect(p.obs_at(f, c) == starts.obs_at(f, c), "obs after an end is not the next episode's first", c, t);
  }
  return std::to_string(ends) + " ends, each followed by its new start";
}

template <class T>
std::string check_next_step(const Registry& registry, const std::string& name) {
  Probe<T> p(registry, name, mode_copies, 1, Autoreset::next_step, mode_limit);
  Probe<T> fresh(registry, name, mode_copies, 1, Autoreset::disabled, mode_limit);
  std::vector<std::uint8_t> ended(p.copies);
  std::uint64_t masked = 0;
  for (std::uint64_t t = 0; t < mode_steps; ++t) {
    p.step(t);
    for (std::size_t c = 0; c < p.copies; ++c) {
      expect(p.valid[c] == !ended[c], "the masked row is not the one after an end", c, t);
      if (!p.valid[c]) {
        ++masked;
        expect(p.reward[c] == 0 && !p.ended(c), "the masked row has a reward or an end", c, t);
      }
      for (std::size_t f = 0; p.ended(c) && f < p.features; ++f)
        expect(p.obs_at(f, c) == p.final_at(f, c), "obs at an end is not the episode's last", c, t);
    }
    fresh.env->reset_where(ended.data(), fresh.obs.data(), fresh.ld());
    for (std::size_t c = 0; c < p.copies; ++c) {
      for (std::size_t f = 0; ended[c] && f < p.features; ++f)
        expect(p.obs_at(f, c) == fresh.obs_at(f, c), "the masked row does not show the new start", c, t);
      ended[c] = p.ended(c);
    }
  }
  return std::to_string(masked) + " resets in rows of their own";
}

template <class T>
std::string check_disabled(const Registry& registry, const std::string& name) {
  Probe<T> p(registry, name, mode_copies, 1, Autoreset::disabled, mode_limit);
  Probe<T> same(registry, name, mode_copies, 1, Autoreset::same_step, mode_limit);
  std::vector<std::uint8_t> ended(p.copies);
  std::vector<std::vector<double>> last(p.copies);
  for (std::uint64_t t = 0; t < 2 * mode_limit; ++t) {
    p.step(t);
    same.step(t);
    for (std::size_t c = 0; c < p.copies; ++c) {
      const int copy = static_cast<int>(c);
      if (ended[c]) {
        expect(!p.valid[c] && p.reward[c] == 0, "a copy that ended is stepped", c, t);
        expect(p.ended(c) && p.env->get_state(copy) == last[c], "a copy that ended does not stand still", c, t);
        continue;
      }
      expect(
          p.reward[c] == same.reward[c] && p.terminated[c] == same.terminated[c] && p.truncated[c] == same.truncated[c],
          "its first episode is not that of same_step", c, t);
      ended[c] = p.ended(c);
      if (!ended[c]) continue;
      last[c] = p.env->get_state(copy);
      for (std::size_t f = 0; f < p.features; ++f)
        expect(p.obs_at(f, c) == same.final_at(f, c), "its last observation is not same_step's final_obs", c, t);
    }
  }
  for (std::size_t c = 0; c < p.copies; ++c) expect(ended[c], "no end came by the limit", c, 2 * mode_limit);
  return "copies stand still at their ends";
}

}  // namespace pigrad::detail
