#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <pigrad/app/settings.hpp>
#include <pigrad/core/error.hpp>

using namespace pigrad;
using namespace pigrad::app;

namespace {

struct Network {
  std::vector<int> hidden{64, 32};
  std::string activation = "tanh";

  template <class V>
  void fields(V& v) {
    v("hidden", hidden, "units of each hidden layer", at_least(1));
    v("activation", activation, "between layers", choices{"tanh", "relu"});
  }
};

struct Config {
  bool normalise = true;
  int epochs = 100;
  std::int64_t seed = 123;
  double gamma = 0.99;
  double limit = 0;
  std::string note;
  std::vector<double> rates{0.1, 0.01};
  Network policy;

  template <class V>
  void fields(V& v) {
    v("normalise", normalise, "standardise the advantages");
    v("epochs", epochs, "updates of the run", at_least(1));
    v("seed", seed, "of every draw", at_least(0));
    v("gamma", gamma, "discount γ", range(0, 1));
    v("limit", limit, "anything");
    v("note", note, "free text");
    v("rates", rates, "steps", more_than(0));
    v.group("policy", policy);
  }
};

std::string complaint(Config& config, const std::string& yaml) {
  try {
    parse_settings(fields_of(config), yaml, "a.yaml");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string set_complaint(Config& config, const std::string& assignment) {
  try {
    set_setting(fields_of(config), assignment);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a byte 0 is no text") {
  Config config;
  using namespace std::string_literals;
  CHECK(complaint(config, "\0,a: 1}}\n"s).find("a.yaml:1: a byte 0 stands here") != std::string::npos);
  CHECK(complaint(config, "gamma: 0.5\nnote: \0x\n"s).find("a.yaml:2: a byte 0 stands here") != std::string::npos);
}

TEST_CASE("a text is one document, or none") {
  Config config;
  CHECK(complaint(config, "") == "");
  CHECK(complaint(config, "# nothing\n") == "");
  CHECK(complaint(config, "---\nepochs: 7\n...\n") == "");
  CHECK(config.epochs == 7);
  CHECK(has(complaint(config, "epochs: 8\n---\nepochs: 9\n"), "a.yaml:2: a second document begins"));
  CHECK(has(complaint(config, "epochs: 8\n---\n"), "a.yaml:2: a second document begins"));
  for (const char* at_the_start : {",", "\n,", "}", "]", ", epochs: 8", ",# a\n"})
    CHECK(has(complaint(config, at_the_start), "this is no YAML"));
  CHECK(config.epochs == 7);
}

TEST_CASE("YAML sets nested and dotted keys and leaves the rest") {
  Config config;
  parse_settings(fields_of(config),
                 "# a comment\nepochs: 7\nnormalise: false\nrates: [0.5, 2e-3]\npolicy:\n  hidden: [8]\n"
                 "policy.activation: relu\nnote: \"a: b # c\"\n",
                 "a.yaml");
  CHECK(config.epochs == 7);
  CHECK_FALSE(config.normalise);
  CHECK(config.rates == std::vector<double>{0.5, 2e-3});
  CHECK(config.policy.hidden == std::vector<int>{8});
  CHECK(config.policy.activation == "relu");
  CHECK(config.note == "a: b # c");
  CHECK(config.gamma == 0.99);
}

TEST_CASE("an unknown key names itself, its line and the nearest key") {
  Config config;
  CHECK(complaint(config, "epochs: 3\ngama: 0.9\n") ==
        "a.yaml:2: there is no setting \"gama\"; did you mean \"gamma\" (discount γ)?");
  CHECK(has(complaint(config, "hidden: [3]\n"), "did you mean \"policy.hidden\""));
  CHECK(has(complaint(config, "policy:\n  activaton: relu\n"), "a.yaml:2: there is no setting \"policy.activaton\""));
  CHECK_FALSE(has(complaint(config, "zzzzzzzz: 1\n"), "did you mean"));
  CHECK(has(set_complaint(config, "epoch=3"), "--set epoch=3: there is no setting \"epoch\"; did you mean \"epochs\""));
}

TEST_CASE("wrong types and values say what is wanted, and change nothing") {
  Config config;
  CHECK(complaint(config, "gamma: fast\n") ==
        "a.yaml:1: gamma = \"fast\" is no such number; give a number in [0, 1] (discount γ; now 0.99)");
  CHECK(complaint(config, "\n\ngamma: 1.5\n") ==
        "a.yaml:3: gamma = \"1.5\" is out of range; give a number in [0, 1] (discount γ; now 0.99)");
  for (const char* bad : {"gamma: .nan",
                          "gamma: [0.5]",
                          "gamma:",
                          "gamma: {a: 1}",
                          "epochs: 1.5",
                          "epochs: 3e9",
                          "epochs: 0",
                          "seed: -1",
                          "seed: 9223372036854775808",
                          "normalise: 2",
                          "rates: [0.1, 0]",
                          "rates: [0.1, x]",
                          "rates: 0.1 0.2",
                          "policy.hidden: [[1]]",
                          "policy: 3",
                          "policy:",
                          "epochs: 1\nepochs: 2",
                          "policy: {hidden: [1]}\npolicy.hidden: [2]",
                          "- 1",
                          "7",
                          "[",
                          "a: b: c",
                          "epochs: 1\n---\nepochs: 2",
                          "? [a, b]\n: 1",
                          "limit: 1e999",
                          "policy.activation: rleu"}) {
    CAPTURE(bad);
    const std::string said = complaint(config, bad);
    CHECK(said.starts_with("a.yaml:"));
    CHECK(has(said, "; "));
    CHECK_FALSE(has(said, "\n"));
    config.epochs = 100;
    config.policy.hidden = {64, 32};
  }
  CHECK(has(set_complaint(config, "policy.activation=rleu"),
            "is no choice; did you mean \"relu\"? give one of tanh, relu"));
  CHECK(has(set_complaint(config, "gamma"), "is no key=value"));
  CHECK(has(set_complaint(config, "=3"), "is no key=value"));
  CHECK(has(set_complaint(config, "policy=3"), "is a group of settings"));
  CHECK(config.gamma == 0.99);
  CHECK(config.seed == 123);
  CHECK(config.normalise);
  CHECK(config.rates == std::vector<double>{0.1, 0.01});
  CHECK(config.policy.activation == "tanh");
}

TEST_CASE("--set takes lists with and without brackets, and round numbers as powers of ten") {
  Config config;
  set_setting(fields_of(config), "policy.hidden=64,64");
  CHECK(config.policy.hidden == std::vector<int>{64, 64});
  set_setting(fields_of(config), "policy.hidden=[ 5, 6,7 ]");
  CHECK(config.policy.hidden == std::vector<int>{5, 6, 7});
  set_setting(fields_of(config), "policy.hidden=[]");
  CHECK(config.policy.hidden.empty());
  set_setting(fields_of(config), "seed=1e6");
  CHECK(config.seed == 1000000);
  set_setting(fields_of(config), "note=a=b");
  CHECK(config.note == "a=b");
  set_setting(fields_of(config), "limit=-inf");
  CHECK(config.limit == -std::numeric_limits<double>::infinity());
}

TEST_CASE("what is written reads back to the same bits") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double x :
       {0.1, 1.0 / 3.0, 1e-8, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 123456789.0, inf, -inf, 3e-4}) {
    Config config;
    config.limit = x;
    config.rates = {1.0 / 7.0, 1e-300};
    config.seed = std::numeric_limits<std::int64_t>::max();
    Config again;
    parse_settings(fields_of(again), write_settings(fields_of(config)), "w");
    CHECK(std::bit_cast<std::uint64_t>(again.limit) == std::bit_cast<std::uint64_t>(x));
    CHECK(again.rates == config.rates);
    CHECK(again.seed == config.seed);
  }
  for (const char* text : {"",      " ",           "true",       "null",  "~",     "1e5",  "a: b", "- x", "#no",
                           "\"q\"", "back\\slash", "two\nlines", "tab\t", "π ≈ 3", "\x01", "*a",   "&a",  "[a]",
                           "{a}",   "yes",         ".inf",       "0x10",  "'",     "a ",   "%",    "n"}) {
    CAPTURE(text);
    Config config;
    config.note = text;
    Config again;
    again.note = "other";
    parse_settings(fields_of(again), write_settings(fields_of(config)), "w");
    CHECK(again.note == text);
  }
}

TEST_CASE("every setting is written once, with its meaning beside it") {
  Config config;
  config.policy.hidden.clear();
  const std::string yaml = write_settings(fields_of(config));
  CHECK(has(yaml, "policy:\n  hidden: []"));
  for (const char* part : {"# discount γ\n", "gamma: 0.99 ", "normalise: true ", "  activation: tanh "})
    CHECK(has(yaml, part));
  Config again;
  parse_settings(fields_of(again), yaml, "w");
  CHECK(again.policy.hidden.empty());
}

TEST_CASE("the table of settings keeps to the width, and shows defaults and limits") {
  Config config;
  const std::string table = describe_settings(fields_of(config), 60);
  CHECK(has(table, "policy.activation"));
  CHECK(has(table, "(in [0, 1])"));
  CHECK(has(table, "64,32"));
}

TEST_CASE("check_fields refuses what an embedder set wrongly") {
  Config config;
  CHECK_NOTHROW(check_fields(config));
  config.gamma = 2;
  CHECK_THROWS_WITH_AS(check_fields(config), "gamma: \"2\" is not allowed; give a number in [0, 1]", Error);
  config.gamma = std::nan("");
  CHECK_THROWS_AS(check_fields(config), Error);
}
