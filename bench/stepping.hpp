#pragma once
#include <cstdint>
#include <memory>
#include <pigrad/core/random.hpp>
#include <pigrad/env/registry.hpp>
#include <vector>

namespace pigrad::bench {

/// Copies of CartPole-v1 in float, and random actions drawn beforehand.
class Stepping {
 public:
  explicit Stepping(int copies)
      : environment_(Registry::builtin().make<float>("CartPole-v1", copies, 1)),
        obs_(size(4 * copies)),
        reward_(size(copies)),
        terminated_(size(copies)),
        truncated_(size(copies)),
        actions_(size(rows * copies)) {
    const Random random(1, Purpose::action);
    for (std::size_t i = 0; i < actions_.size(); ++i) actions_[i] = static_cast<std::int32_t>(random(0, i).a & 1);
    environment_->reset(obs_.data(), copies);
    out_.obs = obs_.data();
    out_.obs_ld = copies;
    out_.reward = reward_.data();
    out_.terminated = terminated_.data();
    out_.truncated = truncated_.data();
  }

  void step(int threads, int i) {
    const std::int32_t* actions = actions_.data() + i % rows * environment_->copies();
    environment_->step(threads, Actions<float>::discrete(actions), out_);
  }

 private:
  static constexpr int rows = 64;
  static std::size_t size(int count) { return static_cast<std::size_t>(count); }

  std::unique_ptr<VectorEnv<float>> environment_;
  std::vector<float> obs_, reward_;
  std::vector<std::uint8_t> terminated_, truncated_;
  std::vector<std::int32_t> actions_;
  StepBuffers<float> out_;
};

}  // namespace pigrad::bench
