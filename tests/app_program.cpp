#include <doctest/doctest.h>

#include <iostream>
#include <pigrad/app/command.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/app/table.hpp>
#include <pigrad/app/text.hpp>
#include <pigrad/app/unread.hpp>
#include <pigrad/core/error.hpp>
#include <sstream>

using namespace pigrad;
using namespace pigrad::app;

namespace {

struct Said {
  int status = 0;
  std::string out, err;
};

Said pigrad_says(std::vector<const char*> words) {
  words.insert(words.begin(), "pigrad");
  std::ostringstream out, err;
  auto* const old_out = std::cout.rdbuf(out.rdbuf());
  auto* const old_err = std::cerr.rdbuf(err.rdbuf());
  const int status = run_program(static_cast<int>(words.size()), words.data());
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  return {status, out.str(), err.str()};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every command has help with a purpose and examples that begin with its name") {
  for (const Command& command : commands()) {
    CAPTURE(command.name);
    const Said said = pigrad_says({command.name, "--help"});
    CHECK(said.status == 0);
    CHECK(said.err.empty());
    CHECK(has(said.out, command.purpose));
    CHECK(has(said.out, std::string("Examples:\n  pigrad ") + command.name));
  }
  CHECK(pigrad_says({}).status == 0);
  CHECK(has(pigrad_says({"--help"}).out, "list"));
  CHECK(has(pigrad_says({"--version"}).out, "pigrad "));
}

TEST_CASE("a mistake is one line on standard error with the cure, and status 2") {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases{
      {{"lsit"}, "pigrad: there is no command \"lsit\" here; did you mean \"list\"? see `pigrad --help`\n"},
      {{"--nope"}, "pigrad: there is no option \"--nope\" here; see `pigrad --help`\n"},
      {{"list", "--plian"},
       "pigrad: list: there is no option \"--plian\" here; did you mean \"--plain\"? see `pigrad list --help`\n"},
      {{"list", "settings", "more"}, "pigrad: list: there is no argument \"more\" here; see `pigrad list --help`\n"}};
  for (const auto& [words, line] : cases) {
    const Said said = pigrad_says(words);
    CHECK(said.status == 2);
    CHECK(said.err == line);
    CHECK(said.out.empty());
  }
  const Said said = pigrad_says({"list", "envs"});
  CHECK(said.status == 2);
  CHECK(has(said.err, "environments"));
}

TEST_CASE("list shows what the registries hold") {
  const Said all = pigrad_says({"list"});
  for (const char* part : {"CartPole-v1", "a2c", "reinforce"}) CHECK(has(all.out, part));
  const Said plain = pigrad_says({"list", "environments", "--plain"});
  CHECK(has(plain.out, "\nCartPole-v0\nCartPole-v1\n"));
  CHECK(has(pigrad_says({"list", "settings"}).out, "γ"));
}

TEST_CASE("no recipe sets what its algorithm does not read") {
  for (const Recipe& recipe : recipes()) {
    std::vector<std::string> variants = {""};
    for (const auto& variant : recipe.variants) variants.push_back(variant.first);
    for (const std::string& variant : variants) {
      CAPTURE(recipe.name);
      CAPTURE(variant);
      const std::string words = unread_in_words(recipe_settings(recipe.name, variant));
      const bool linear_by_variant = recipe.name == "a2c-cartpole" && variant == "source";
      CHECK(words ==
            (linear_by_variant ? "set, but without effect here: critic.network.hidden (critic.kind is linear)" : ""));
    }
  }
}

TEST_CASE("a table aligns by what is seen, not by bytes, and wraps its last column") {
  Table table({{"γ"}, {"n", true}, {"meaning"}});
  table.row({"漢字", "5", "one two three four five"}).rule().row({"ab", "1234", "x"});
  CHECK(table.text() ==
        "γ        n  meaning\n"
        "────  ────  ───────────────────────\n"
        "漢字     5  one two three four five\n"
        "────  ────  ───────────────────────\n"
        "ab    1234  x\n");
  CHECK(has(table.text(30), "漢字     5  one two three four\n            five\n"));
  CHECK_THROWS_AS(table.row({"a"}), Error);
}
