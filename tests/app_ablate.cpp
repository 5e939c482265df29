#include <pigrad/app/many/ablation_report.hpp>
#include <pigrad/app/many/results.hpp>
#include <pigrad/app/many/switches.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/core/error.hpp>
#include <pigrad/rl/algorithm.hpp>

#include "program.hpp"

using namespace pigrad_test;
using namespace pigrad::app;
using pigrad::TrainSettings;

namespace {

TrainSettings small(const std::string& recipe, const std::string& variant = "") {
  TrainSettings settings = recipe_settings(recipe, variant);
  settings.steps = 300;
  settings.minibatch = 100;
  settings.epochs = 2;
  settings.scalar = "float64";
  return settings;
}

/// What the first epoch changes of the policy's parameters, by an algorithm of its own that collects for itself.
std::vector<double> first_change(const TrainSettings& settings) {
  const pigrad::Registry environments = pigrad::Registry::builtin();
  const auto algorithm = pigrad::make_algorithm(settings, environments);
  const auto policy = [&] {
    pigrad::State state;
    algorithm->save(state);
    std::vector<double> all;
    for (const pigrad::Segment& s : algorithm->layout().segments()) {
      const auto& values = state.doubles(s.name);
      if (s.name.rfind("policy", 0) == 0) all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  };
  const auto before = policy();
  algorithm->epoch(1);
  auto after = policy();
  for (std::size_t i = 0; i < after.size(); ++i) after[i] -= before[i];
  return after;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
  return ab / std::sqrt(aa * bb);
}

}  // namespace

TEST_CASE("switches are the settings in which two differ, and turning them all leads from one to the other") {
  const TrainSettings from = recipe_settings("a2c-cartpole", "source"), to = recipe_settings("a2c-cartpole", "");
  const auto all = switches_between(from, to);
  std::vector<std::string> keys;
  for (const Switch& one : all) keys.push_back(one.key);
  CHECK(keys == Words{"boundary.truncation", "boundary.edge_over_end", "critic.kind", "critic.loss"});
  CHECK(all[3].from == "broadcast");
  CHECK(all[3].to == "mse");
  CHECK(has(all[3].meaning, "broadcast"));
  CHECK(switches_between(turned(from, all), to).empty());
  CHECK(switches_between(from, from).empty());
}

TEST_CASE("steps go one at a time; what cannot stand alone says why, and waits for what it needs") {
  TrainSettings from = recipe_settings("a2c-cartpole", ""), to = from;
  to.steps = 200;
  to.minibatch = 100;
  to.gamma = 0.9;
  const auto all = switches_between(from, to);
  REQUIRE(all.size() == 3);  // steps, minibatch, gamma
  const auto alone = steps_alone(from, all);
  CHECK(has(alone[0].refusal, "minibatch: 400 rows"));
  CHECK(alone[1].refusal.empty());
  const auto cumulative = steps_cumulative(from, all);
  REQUIRE(cumulative.size() == 2);
  CHECK(cumulative[0].name == "steps=200 + minibatch=100");
  CHECK(cumulative[0].added.size() == 2);
  CHECK(cumulative[1].name == "gamma=0.9");
  CHECK(cumulative[1].switches.size() == 3);
}

TEST_CASE("first directions: the same is 1, and an epoch of its own says the same as one on the shared rollout") {
  const TrainSettings from = small("a2c-cartpole", "source");
  const Directions same = first_directions(from, from);
  CHECK(same.gradient == doctest::Approx(1).epsilon(1e-12));
  CHECK(same.update == doctest::Approx(1).epsilon(1e-12));

  TrainSettings other = from;
  other.lambda = 0.2;
  other.advantage.normalise = false;
  const Directions d = first_directions(from, other);
  CHECK(d.update == doctest::Approx(cosine(first_change(from), first_change(other))).epsilon(1e-9));
  CHECK(d.update < 0.999);

  // With plain gradient descent over the whole rollout the update is the gradient.
  TrainSettings a = from, b = other;
  for (TrainSettings* s : {&a, &b}) {
    s->minibatch = 0;
    s->policy.optimiser.name = "sgd";
    s->policy.optimiser.learning_rate = 1e-7;
  }
  CHECK(d.gradient == doctest::Approx(cosine(first_change(a), first_change(b))).epsilon(1e-6));

  TrainSettings wider = from;
  wider.policy.network.hidden = {32};
  CHECK(std::isnan(first_directions(from, wider).gradient));
}

TEST_CASE("a sentence says what the switch did, and how sure that is") {
  Outcome from, alone;
  from.scores = {1, 2, 3};
  alone.scores = {11, 12, 13};
  from.description.iqm = 2;
  alone.description.iqm = 12;
  alone.step.added = {{"critic.loss", "broadcast", "mse", "what it fits"}};
  alone.difference = {8, 12};
  alone.gradient = 0.5;
  alone.update = 0.25;
  const std::string up = sentence(from, alone, {});
  CHECK(up ==
        "critic.loss, broadcast → mse (what it fits): alone it raises the mean return of the last ten epochs by 10, "
        "from 2 to 12 (95 % interval of the change 8 to 12). From the same parameters and rollout the policy's "
        "gradient has cosine 0.5 with the other's, its first epoch's update 0.25.");
  alone.difference = {-1, 12};
  CHECK(has(sentence(from, alone, {}), "makes no difference"));
  alone.description.iqm = 1;
  alone.difference = {-3, -1};
  CHECK(has(sentence(from, alone, {}), "lowers"));
  alone.scores = {1};
  CHECK(has(sentence(from, alone, {}), "proves nothing"));
  alone.scores = from.scores;
  CHECK(has(sentence(from, alone, {}), "changes no run at all"));
  alone.step.refusal = "minibatch: too large";
  CHECK(has(sentence(from, alone, {}), "cannot stand alone (minibatch: too large)"));
}

TEST_CASE("ablate leaves its picture, sentences and table, goes on, and refuses two that are the same") {
  const Folder folder;
  Words words = {"ablate", "a2c-cartpole", "--seeds", "2", "--out", "a"};
  for (const char* s :
       {"epochs=2", "steps=400", "minibatch=100", "critic.steps_per_minibatch=2", "evaluate_episodes=2"})
    words = words + Words{"--set", s};
  const Ended ended = call(folder, words);
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  const std::string csv = slurp(folder / "a/ablation.csv");
  CHECK(lines(csv) == 1 + 1 + 4 + 4);
  const std::string page = slurp(folder / "a/ablation.md");
  for (const char* part : {"critic.loss, broadcast → mse", "boundary.truncation, terminate → bootstrap", "| source |"})
    CHECK_MESSAGE(has(page, part), part);
  CHECK(has(slurp(folder / "a/ablation.svg"), "</svg>"));
  CHECK(fs::file_size(folder / "a/ablation.png") > 10000);
  // The first of the cumulative steps is the first alone, and its runs are shared.
  CHECK(has(ended.out, "16 runs in a"));
  const Ended again = call(folder, words);
  CHECK(again.status == 0);
  CHECK(has(again.out, "16 of them finished"));
  CHECK(slurp(folder / "a/ablation.csv") == csv);

  const auto refused = [&](const Words& asked, const char* part) {
    const Ended no = call(folder, Words{"ablate"} + asked);
    CAPTURE(no.err);
    CHECK(no.status == 2);
    CHECK(lines(no.err) == 1);
    CHECK(has(no.err, part));
  };
  refused({}, "goes from one to another");
  refused({"a2c-cartpole", "--from", "x.yaml"}, "goes from one to another");
  refused({"--from", "a2c-cartpole", "--to", "a2c-cartpole:recommended"}, "do not differ");
  refused({"a2c-cartpole", "--seeds", "x"}, "no seed");
}

TEST_CASE("results makes the table, with what others reached beside it") {
  const Folder folder;
  spit(folder / "p.csv",
       "recipe,variant,original,reference,bar,epochs,figure\nreinforce-cartpole,source,\"about 1, they say\",500 "
       "(one),499,20,last\n");
  spit(folder / "short.yaml", "recipe: short\nalgorithm: reinforce\n");
  const Words words = {"results", "reinforce-cartpole:source", "--seeds", "1,2", "--out", "r.md", "--published",
                       "p.csv"};
  Process process(folder, words);
  // A whole run is long: the first epochs are enough to see it stop and say how to go on.
  for (int i = 0; i < 4000 && !fs::exists(folder / "runs/results/reinforce-cartpole/source/seed1/metrics.csv"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  process.signal(SIGINT);
  const Ended stopped = process.wait();
  CHECK(stopped.status == 130);
  CHECK(has(stopped.err, "go on with `the same command`"));
  const Ended ended = call(folder, words);
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  const std::string page = slurp(folder / "r.md");
  for (const char* part :
       {"| `reinforce-cartpole` | source | about 1, they say | 500 (one) |", " (last 20) |", "of 2 below 499 |"})
    CHECK_MESSAGE(has(page, part), part);
  spit(folder / "p.csv", "recipe,variant\n");
  const Ended refused = call(folder, words);
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "its columns are others"));
}
