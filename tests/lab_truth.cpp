#include <doctest/doctest.h>

#include <pigrad/core/error.hpp>
#include <pigrad/lab/truth.hpp>

using namespace pigrad;
using namespace pigrad::lab;
using doctest::Approx;

TEST_CASE("an estimator against the truth: measured and exact agree, and the error falls to the squared bias") {
  const FiniteMdp mdp = grid_world_mdp(0.9);
  FinitePolicy policy = FinitePolicy::linear(mdp);
  policy.randomise(2, 0.3);
  TruthSettings settings;
  settings.psi = {.estimator = "gae", .lambda = 0.5};
  settings.critic = CriticChoice::parse("spoiled:0.1");
  settings.confidence = 0.999;
  const Truth truth = against_truth(mdp, policy, settings);
  CHECK(truth.exact);
  CHECK(truth.quality.variance.contains(truth.moments.variance));
  const double bias = distance(truth.moments.mean, truth.gradient);
  CHECK(truth.quality.bias.contains(bias));
  CHECK(truth.quality.bias.low > 0);
  CHECK(truth.against_samples.size() == 5);
  for (const TruthAt& at : truth.against_samples)
    CHECK(at.error.contains(bias * bias + truth.moments.variance / at.estimates));
  CHECK(truth.parts.total() > 0);
}

TEST_CASE("every critic and baseline; normalised and timed ones are measured only") {
  const FiniteMdp mdp = chain_mdp(0.9);
  FinitePolicy policy = FinitePolicy::linear(mdp);
  TruthSettings settings;
  settings.episodes = 4000;
  for (const char* critic : {"exact", "learned:50", "spoiled:0.3"})
    for (const BaselineKind kind :
         {BaselineKind::none, BaselineKind::constant, BaselineKind::optimal, BaselineKind::value, BaselineKind::time}) {
      settings.critic = CriticChoice::parse(critic);
      settings.psi = {.estimator = "return_to_go", .baseline = kind};
      const Truth truth = against_truth(mdp, policy, settings);
      CHECK(truth.quality.unbiased_p > 0.001);
      CHECK(truth.exact == (kind != BaselineKind::time));
      settings.psi = {.estimator = "q", .baseline = kind};
      const double p = against_truth(mdp, policy, settings).quality.unbiased_p;
      if (settings.critic.kind == CriticChoice::Kind::exact) CHECK(p > 0.001);
      if (settings.critic.kind == CriticChoice::Kind::spoiled) CHECK(p < 0.001);
    }
  settings.psi = {.estimator = "gae", .normalise = true};
  settings.batch = 10;
  const Truth normalised = against_truth(mdp, policy, settings);
  CHECK(!normalised.exact);
  CHECK(normalised.quality.count == 400);
}

TEST_CASE("critics and batches that make no sense are refused in words") {
  CHECK(CriticChoice::parse("learned:20").episodes == 20);
  CHECK(CriticChoice::parse("spoiled:-0.5").error == -0.5);
  for (const char* text : {"", "learned", "learned:", "learned:0", "learned:1.5", "spoiled:x", "spoiled:nan", "best"})
    CHECK_THROWS_AS(CriticChoice::parse(text), Error);
  const FiniteMdp mdp = chain_mdp(0.9);
  TruthSettings settings;
  settings.batch = settings.episodes;
  CHECK_THROWS_AS(against_truth(mdp, FinitePolicy::linear(mdp), settings), Error);
  const FiniteMdp endless = random_mdp(1, {.end = 0});
  CHECK_THROWS_AS(against_truth(endless, FinitePolicy::linear(endless), {}), Error);
}
