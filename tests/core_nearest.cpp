#include <doctest/doctest.h>

#include <pigrad/core/nearest.hpp>

using namespace pigrad;

TEST_CASE("strokes from one word to the other") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("gamma", "Gamma") == 0);
  CHECK(edit_distance("gmama", "gamma") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("abcdef", "badcfe") == 3);
  CHECK(edit_distance("ca", "abc") == 3);
  CHECK(edit_distance("lamda", "lambda") == 1);
}

TEST_CASE("the nearest name, if one is near") {
  const std::vector<std::string> known = {"gamma", "policy.optimiser.learning_rate", "critic.time", "seed"};
  CHECK(nearest("gama", known) == "gamma");
  CHECK(nearest("learning_rat", known) == "policy.optimiser.learning_rate");
  CHECK(nearest("policy.optimizer.learning_rate", known) == "policy.optimiser.learning_rate");
  CHECK(nearest("sede", known) == "seed");
  CHECK(nearest("", known) == "");
  CHECK(nearest("zzzz", known) == "");
}

TEST_CASE("a name of any length takes no time") {
  const std::string megabytes(std::size_t{64} << 20, 'g');
  CHECK(nearest(megabytes, {"gamma", "policy.optimiser.learning_rate"}) == "");
}
