#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/lab/over_training.hpp>

using namespace pigrad;

namespace {

TrainSettings small(const char* algorithm) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.copies = 4;
  s.steps = 60;
  s.epochs = 5;
  s.minibatch = 80;
  s.policy.network.hidden = s.critic.network.hidden = {8};
  s.ppo.passes = 4;
  s.policy.optimiser.learning_rate = 0.01;
  return s;
}

}  // namespace

TEST_CASE("a unit of KL rises most along the natural gradient, and another direction is what it is") {
  const auto moments = natural_over_training(small("a2c"), Registry::builtin(), 1, {.every = 2, .damping = 1e-6});
  REQUIRE(moments.size() == 3);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const NaturalMoment& m = moments[i];
    CHECK(m.epoch == 1 + 2 * static_cast<int>(i));
    CHECK(m.natural_slope > 1.1 * m.plain_slope);
    CHECK(m.plain_slope > 0);
    CHECK(m.degrees > 10);
    CHECK(m.degrees < 90);
    REQUIRE(m.eigenvalues.size() == 5);
    CHECK(m.eigenvalues[0] > m.eigenvalues[1]);
    CHECK(m.eigenvalues[4] >= 0);
  }
  // With F ≪ λ the two are one direction.
  for (const NaturalMoment& m : natural_over_training(small("a2c"), Registry::builtin(), 1, {.damping = 1e9})) {
    CHECK(m.degrees < 1e-3);
    CHECK(m.natural_slope == doctest::Approx(m.plain_slope));
  }
}

TEST_CASE("each pass of PPO throws away more than the one before, none at a rate of almost 0") {
  TrainSettings s = small("ppo");
  const auto shares = clip_over_passes(s, Registry::builtin(), 1);
  REQUIRE(shares.size() == 5);
  double first = 0, last = 0;
  for (const auto& epoch : shares) {
    REQUIRE(epoch.size() == 4);
    first += epoch.front().mass, last += epoch.back().mass;
    for (const ClipShare& share : epoch) {
      CHECK(share.mass >= 0);
      CHECK(share.mass <= 1);
      CHECK(share.rows <= 1);
      CHECK(share.cosine <= 1 + 1e-12);
    }
  }
  CHECK(last > first + 0.1);
  s.policy.optimiser.learning_rate = 1e-12;
  for (const auto& epoch : clip_over_passes(s, Registry::builtin(), 1))
    for (const ClipShare& share : epoch) {
      CHECK(share.mass == 0);
      CHECK(share.norm == doctest::Approx(1));
    }
  s.ppo.target_kl = 0.1;
  CHECK_THROWS_AS(clip_over_passes(s, Registry::builtin(), 1), Error);
}
