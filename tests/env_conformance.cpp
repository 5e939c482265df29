#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <pigrad/env/conformance.hpp>
#include <pigrad/env/registry.hpp>

using namespace pigrad;

namespace {

enum class Bug {
  none,
  nan_observation,
  outside_bounds,
  nan_reward,
  odd_flag,
  wrong_size,
  shared_noise,
  seedless,
  incomplete_reset,
  hidden_state,
  neighbour,
  throws,
};

// A walk on the line: place += action − 1/2 + (its own pace). Sound but for the bug that it is given.
template <class T>
class Walk : public Dynamics<T> {
 public:
  Walk(int copies, Bug bug)
      : bug_(bug), place_(static_cast<std::size_t>(copies)), pace_(place_.size()), memory_(place_.size()) {}
  int observation_size() const override { return bug_ == Bug::wrong_size ? 3 : 2; }
  int state_size() const override { return 2; }
  void reset(int copy, const Draws& draws) override {
    const auto c = static_cast<std::size_t>(copy);
    if (bug_ != Bug::incomplete_reset) place_[c] = 0;
    pace_[c] = bug_ == Bug::seedless ? T(0.1) : draws.between(0, T(-0.2), T(0.2));
    memory_[c] = 0;
  }
  void step(int begin, int end, const Actions<T>& actions, T* reward, std::uint8_t* terminated) override {
    if (bug_ == Bug::throws) throw 42;
    for (int i = begin; i < end; ++i) {
      const auto c = static_cast<std::size_t>(i);
      place_[c] += static_cast<T>(actions.index[i]) - T(0.5) + pace_[c];
      if (bug_ == Bug::shared_noise) place_[c] += T(0.001) * static_cast<T>(++calls % 7);
      if (bug_ == Bug::hidden_state) place_[c] += T(0.01) * (memory_[c] += 1);
      if (bug_ == Bug::neighbour && c > 0) place_[c] += T(0.01) * pace_[c - 1];
      reward[i] = bug_ == Bug::nan_reward && place_[c] > T(1) ? std::numeric_limits<T>::quiet_NaN() : place_[c];
      terminated[i] = std::abs(place_[c]) > T(2) ? (bug_ == Bug::odd_flag ? 2 : 1) : 0;
    }
  }
  void observe(int begin, int end, T* obs, std::ptrdiff_t ld) const override {
    for (int i = begin; i < end; ++i) {
      const T place = place_[static_cast<std::size_t>(i)];
      obs[i] = bug_ == Bug::nan_observation && place > T(1) ? std::numeric_limits<T>::quiet_NaN() : place;
      if (bug_ == Bug::outside_bounds && place > T(2)) obs[i] = T(9);
      obs[ld + i] = pace_[static_cast<std::size_t>(i)];
    }
  }
  void get_state(int copy, double* state) const override {
    state[0] = static_cast<double>(place_[static_cast<std::size_t>(copy)]);
    state[1] = static_cast<double>(pace_[static_cast<std::size_t>(copy)]);
  }
  void set_state(int copy, const double* state) override {
    place_[static_cast<std::size_t>(copy)] = static_cast<T>(state[0]);
    pace_[static_cast<std::size_t>(copy)] = static_cast<T>(state[1]);
  }

 private:
  static inline std::atomic<int> calls{0};
  Bug bug_;
  std::vector<T> place_, pace_, memory_;
};

Registry with(Bug bug) {
  Spec spec;
  spec.id = "Walk-v0";
  spec.observation = Space::box({-3, -0.2}, {3, 0.2});
  spec.action = Space::discrete(2);
  spec.max_steps = 30;
  Registry registry;
  registry.add(
      spec, [bug](int copies) { return std::make_unique<Walk<float>>(copies, bug); },
      [bug](int copies) { return std::make_unique<Walk<double>>(copies, bug); });
  return registry;
}

const CheckResult& named(const std::vector<CheckResult>& results, const std::string& name) {
  for (const CheckResult& r : results)
    if (r.name == name) return r;
  FAIL("no check " << name);
  return results.front();
}

}  // namespace

TEST_CASE_TEMPLATE("every environment of the library conforms", T, float, double) {
  const Registry registry = Registry::builtin();
  for (const std::string& name : registry.names()) {
    const auto results = check_environment<T>(registry, name);
    CHECK(results.size() == 14);
    CHECK_MESSAGE(conforms(results), name << "\n" << describe(results));
  }
}

TEST_CASE_TEMPLATE("a sound environment of a user's own class conforms", T, float, double) {
  const auto results = check_environment<T>(with(Bug::none), "Walk-v0");
  CHECK_MESSAGE(conforms(results), describe(results));
}

TEST_CASE("each fault is found by the check that names it") {
  const std::pair<Bug, const char*> faults[] = {
      {Bug::nan_observation, "observations"},
      {Bug::outside_bounds, "observations"},
      {Bug::nan_reward, "rewards"},
      {Bug::odd_flag, "rewards"},
      {Bug::wrong_size, "make"},
      {Bug::shared_noise, "same_seed"},
      {Bug::seedless, "other_seed"},
      {Bug::incomplete_reset, "reset_after_end"},
      {Bug::hidden_state, "state_round_trip"},
      {Bug::hidden_state, "save_load"},
      {Bug::neighbour, "one_equals_many"},
      {Bug::throws, "observations"},
  };
  for (const auto& fault : faults) {
    const char* name = fault.second;
    const auto results = check_environment<double>(with(fault.first), "Walk-v0");
    CHECK_FALSE(conforms(results));
    CHECK_MESSAGE(!named(results, name).passed, name << "\n" << describe(results));
    CHECK(!named(results, name).words.empty());
  }
}

TEST_CASE("a fault that touches one contract leaves the others standing") {
  const auto results = check_environment<double>(with(Bug::seedless), "Walk-v0");
  for (const CheckResult& r : results) CHECK_MESSAGE(r.passed == (r.name != "other_seed"), describe(results));
}

TEST_CASE("an unknown environment is a failed check, not an exception") {
  const auto results = check_environment<double>(Registry::builtin(), "CartPole");
  REQUIRE(results.size() == 1);
  CHECK_FALSE(results[0].passed);
  CHECK(results[0].words.find("did you mean \"CartPole-v0\"") != std::string::npos);
}
