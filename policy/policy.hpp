#pragma once
#include <stddef.h>
#include <stdint.h>

namespace pigrad {

/// What a Policy refuses, in one line: what is wrong with which file, and the cure. Empty where all went well.
struct PolicyFault {
  char words[320] = "";
  explicit operator bool() const { return words[0] != 0; }
};

struct PolicyAll;

/// A trained policy, to act with: normaliser, network, distribution, bounds of actions. It needs the C library alone:
/// no exceptions, no run-time types, no C++ runtime, nothing of pigrad but this folder.
///
/// Memory is allocated once, when it is loaded. Everything const may be called from any number of threads at once:
/// there is no lock and no allocation, and what is on its way lies on the caller's stack (32 KiB at most).
///
/// It computes in float, whatever the policy was trained in: each output starts at its bias and takes its inputs in
/// their order, uncontracted, which are the sums of the C header that `pigrad export` writes.
class Policy {
 public:
  /// No layer, and no observation, may be wider.
  static constexpr int widest = 2048;
  /// The newest file that it reads: format_version of what `pigrad export --to safetensors` writes, and
  /// policy.format of a checkpoint.
  static constexpr int format_version = 1;

  Policy() = default;
  Policy(Policy&& other) noexcept : all_(other.all_) { other.all_ = nullptr; }
  Policy& operator=(Policy&& other) noexcept;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  ~Policy();

  /// A file of `pigrad export --to safetensors`, or a checkpoint. An empty policy and words in `fault` if it is
  /// neither, damaged, or newer than this program. Numbers that are not finite are refused; sizes are checked before
  /// use.
  static Policy load(const char* path, PolicyFault& fault);
  /// The same from memory, which may go afterwards. `name` stands for the file in words.
  static Policy parse(const void* bytes, size_t size, const char* name, PolicyFault& fault);

  /// It was loaded. All that follows is for loaded policies.
  explicit operator bool() const { return all_ != nullptr; }
  /// Features of an observation.
  int observations() const;
  /// Choices, or dimensions of an action.
  int actions() const;
  /// Actions are choices.
  bool discrete() const;
  /// Numbers that say() gives: a choice's ln π each, or a dimension's mean each and then its ln σ each.
  int statistics() const { return discrete() ? actions() : 2 * actions(); }

  /// What it says of obs [observations()], as the environment gave it, to out [statistics()].
  void say(const float* obs, float* out) const;
  /// The most probable action: the choice, the first at a tie; or 0, and the mean within its bounds in
  /// action [actions()]. `action` may be null where actions are choices.
  int act(const float* obs, float* action = nullptr) const;
  /// An action drawn by its probability; `seed` moves on (SplitMix64, Steele, Lea and Flood 2014; Box and Muller 1958),
  /// with the draws of the exported C header. Each thread has a seed of its own.
  int sample(const float* obs, uint64_t& seed, float* action = nullptr) const;

 private:
  PolicyAll* all_ = nullptr;
};

}  // namespace pigrad
