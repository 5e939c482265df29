#include <doctest/doctest.h>

#include <pigrad/core/error.hpp>
#include <pigrad/lab/experiment.hpp>
#include <string>

using namespace pigrad;
using namespace pigrad::lab;

namespace {

std::string words(const Claim& claim) {
  return claim.text + " | " + claim.statistic + " = " + digits(claim.value, claim.low, claim.high);
}

}  // namespace

TEST_CASE("every experiment's claims hold, each at the confidence that it states") {
  for (const Experiment& one : experiments()) {
    ExperimentSettings settings;
    settings.effort = 0.1;
    const ExperimentResult result = one.run(settings);
    CAPTURE(std::string(one.name));
    CHECK(!result.claims.empty());
    CHECK(!result.equations.empty());
    CHECK(!result.reading.empty());
    CHECK(!result.settings.empty());
    CHECK((!result.plots.empty() || !result.estimates.empty()));
    for (const Claim& claim : result.claims) CHECK_MESSAGE(claim.holds, words(claim));
  }
}

TEST_CASE("every experiment's main claim falls when what it rests on is broken") {
  for (const Experiment& one : experiments()) {
    ExperimentSettings settings;
    settings.effort = 0.1;
    settings.control = true;
    const ExperimentResult result = one.run(settings);
    CAPTURE(std::string(one.name));
    CHECK_MESSAGE(!result.claims.front().holds, words(result.claims.front()));
  }
}

TEST_CASE("experiments have names of their own, and a wrong one is refused with a hint") {
  for (const Experiment& one : experiments()) CHECK(&find_experiment(one.name) == &one);
  CHECK_THROWS_WITH_AS(find_experiment("baselin"),
                       "lab: there is no experiment 'baselin'; did you mean \"baseline\"? see `pigrad lab list`",
                       Error);
}
