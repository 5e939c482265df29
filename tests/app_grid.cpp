#include <doctest/doctest.h>

#include <pigrad/app/many/grid.hpp>
#include <pigrad/app/many/plan.hpp>
#include <pigrad/app/many/refine.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/core/error.hpp>

using namespace pigrad::app;
using Words = std::vector<std::string>;
using Seeds = std::vector<std::int64_t>;

namespace {

const Base kA2c{"a2c-cartpole", "", {}};

Words labels(const std::vector<Assignments>& settings) {
  Words all;
  for (const Assignments& one : settings) all.push_back(label_of(one));
  return all;
}

/// The finer mesh of one axis, values as texts.
Words finer(const std::string& axis, const std::string& best) {
  const auto axes = canonical(kA2c, {parse_axis(axis)});
  return refine(kA2c, {{axes[0].key, best}}, expand(axes))[0].values;
}

}  // namespace

TEST_CASE("an axis is a key and values between commas, lists in brackets") {
  const GridAxis axis = parse_axis("policy.network.hidden=[64, 32],[8],[]");
  CHECK(axis.key == "policy.network.hidden");
  CHECK(axis.values == Words{"[64,32]", "[8]", "[]"});
  CHECK(parse_axis("gamma=0.9").values == Words{"0.9"});
  for (const char* wrong : {"gamma", "=0.9", "gamma=", "gamma=0.9,", "gamma=,0.9"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_axis(wrong), pigrad::Error);
  }
}

TEST_CASE("the published grid has every setting for every seed, not for the first alone") {
  for (const SweepPlan& plan : plans()) {
    if (plan.name != "a2c-linear-cartpole-grid") continue;
    const std::size_t settings = expand(canonical(plan.base, plan.axes)).size();
    CHECK(settings == 36);
    CHECK(settings * plan.seeds.size() == 180);
    return;
  }
  FAIL("it is not among the plans");
}

TEST_CASE("seeds are a number, a list or ranges") {
  CHECK(parse_seeds("3") == Seeds{1, 2, 3});
  CHECK(parse_seeds("1,5,7") == Seeds{1, 5, 7});
  CHECK(parse_seeds("2-4,9") == Seeds{2, 3, 4, 9});
  CHECK(parse_seeds("7,") == Seeds{7});
  CHECK(parse_seeds("0-0") == Seeds{0});
  CHECK(parse_seeds("9827391,8534101") == Seeds{9827391, 8534101});
  for (const char* wrong : {"", "0", "-3", "x", "1,,2", "4-2", "1,1", "1-3,2", "1.5", "1-1000000000", ","}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_seeds(wrong), pigrad::Error);
  }
}

TEST_CASE("a grid expands to every combination, the last axis moving fastest") {
  const auto axes = canonical(
      kA2c, {parse_axis("variant=source,recommended"), parse_axis("gamma=9e-1,0.99"), parse_axis("steps=1e3")});
  CHECK(labels(expand(axes)) == Words{"variant=source, gamma=0.9, steps=1000", "variant=source, gamma=0.99, steps=1000",
                                      "variant=recommended, gamma=0.9, steps=1000",
                                      "variant=recommended, gamma=0.99, steps=1000"});
  CHECK(expand({}).size() == 1);
  const auto settings = settings_of({"a2c-cartpole", "", {"epochs=7", "gamma=0.5"}}, expand(axes)[0]);
  CHECK(settings.variant == "source");
  CHECK(settings.critic.loss == "broadcast");
  CHECK(settings.gamma == 0.9);
  CHECK(settings.steps == 1000);
  CHECK(settings.epochs == 7);
  CHECK(settings_of(kA2c, {{"recipe", "reinforce-cartpole"}}).algorithm == "reinforce");
}

TEST_CASE("what no axis can be is refused") {
  for (const char* wrong : {"gama=0.9", "gamma=0.9,1.5", "gamma=0.9,9e-1", "seed=1,2", "variant=sauce", "policy=1",
                            "recipe=nothing", "critic.loss=huber"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(canonical(kA2c, {parse_axis(wrong)}), pigrad::Error);
  }
  CHECK_THROWS_AS(canonical(kA2c, {parse_axis("gamma=0.9"), parse_axis("gamma=0.8")}), pigrad::Error);
}

TEST_CASE("names are as short as can be told apart, folders hold no strange signs") {
  CHECK(short_names({"policy.optimiser.learning_rate", "critic.optimiser.learning_rate", "gamma"}) ==
        Words{"policy.learning_rate", "critic.learning_rate", "gamma"});
  CHECK(short_names({"policy.optimiser.learning_rate"}) == Words{"learning_rate"});
  CHECK(short_names({"a.b.c", "a.d.c"}) == Words{"a.b.c", "a.d.c"});
  CHECK(folder_of({{"policy.network.hidden", "[64,32]"}, {"gamma", "0.9"}}) == "hidden=64,32,gamma=0.9");
  CHECK(folder_of({{"recipe", "../x y"}}) == "recipe=..-xy");
  const std::string a(300, 'a');
  CHECK(folder_of({{"recipe", a}}).size() < 200);
  CHECK(folder_of({{"recipe", a}}) != folder_of({{"recipe", a + "b"}}));
}

TEST_CASE("a finer mesh is geometric for rates and arithmetic else") {
  const std::string rate = "policy.optimiser.learning_rate=0.1,0.01,0.001";
  CHECK(finer(rate, "0.01") == Words{"0.003162", "0.01", "0.03162"});
  CHECK(finer(rate, "0.1") == Words{"0.03162", "0.1", "0.3162"});  // at the end the step is mirrored
  CHECK(finer(rate, "0.001") == Words{"0.0003162", "0.001", "0.003162"});
  CHECK(finer("gamma=0.9,0.99", "0.9") == Words{"0.855", "0.9", "0.945"});
  CHECK(finer("gamma=0.9,0.99", "0.99") == Words{"0.945", "0.99"});  // 1.035 is out of range
  CHECK(finer("steps=1000,4000", "1000") == Words{"1000", "2500"});
  CHECK(finer("epochs=2,3", "3") == Words{"3", "4"});                                          // 2.5 and 3.5 rounded
  CHECK(finer("policy.optimiser.weight_decay=0,0.1", "0.1") == Words{"0.05", "0.1", "0.15"});  // 0 has no ratio
  CHECK(finer("variant=source,recommended", "source") == Words{"source"});
  CHECK(finer("gamma=0.9", "0.9") == Words{"0.9"});
}

TEST_CASE("a second round halves the mesh again") {
  const auto axes = canonical(kA2c, {parse_axis("policy.optimiser.learning_rate=0.1,0.01,0.001")});
  auto tried = expand(axes);
  const auto next = expand(refine(kA2c, tried[1], tried));
  tried.insert(tried.end(), next.begin(), next.end());
  CHECK(refine(kA2c, tried[1], tried)[0].values == Words{"0.005623", "0.01", "0.01778"});
}

TEST_CASE("a plan reads back from its own text, and mistakes are named by line") {
  const SweepPlan plan = parse_plan(
      "# What it\n#\n# is.\nrecipe: a2c-cartpole\nvariant: source\nset: {epochs: 50}\ngrid:\n  gamma: [0.9, 0.99]\n"
      "  policy.network.hidden: [[64, 32], [8]]\nseeds: [5, 7]\nrefine: 2\nscore: best\nmetric: train/entropy\n",
      "x.yaml");
  CHECK(plan.about == "What it  is.");
  CHECK(plan.base.set == Words{"epochs=50"});
  CHECK(plan.axes[1].values == Words{"[64,32]", "[8]"});
  const SweepPlan again = parse_plan(write_plan(plan), "again");
  CHECK(again.seeds == Seeds{5, 7});
  CHECK(again.base.recipe == "a2c-cartpole");
  CHECK(again.axes[0].values == plan.axes[0].values);
  CHECK(again.axes[1].values == plan.axes[1].values);
  CHECK(write_plan(again) == write_plan(plan));
  const auto message = [](const char* text) {
    try {
      parse_plan(text, "x.yaml");
    } catch (const pigrad::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message("recipe: a\ngird: {gamma: 1}\n").find("x.yaml:2: a sweep has no \"gird\"; did you mean \"grid\"") == 0);
  CHECK(message("seeds: 3\n").find("no recipe") != std::string::npos);
  CHECK(message("recipe: a\nrefine: -1\n").find("x.yaml:2") == 0);
  CHECK(message("recipe: [a\n").find("no YAML") != std::string::npos);
  CHECK(message("recipe: a\n---\nrecipe: b\n").find("x.yaml:2: a second document") == 0);
}

TEST_CASE("every sweep that the program carries is of a recipe and settings that there are") {
  for (const SweepPlan& plan : plans()) {
    CAPTURE(plan.name);
    CHECK(!plan.about.empty());
    CHECK_NOTHROW(canonical(plan.base, plan.axes));
  }
}
