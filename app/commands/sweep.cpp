#include "sweep.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "../../core/error.hpp"
#include "../files.hpp"
#include "../many/sweep.hpp"
#include "../recipes.hpp"
#include "key_value.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string recipe, variant, seeds, score, metric, resume;
  std::vector<std::string> set, grid;
  int refine = -1, last = 0;
  SweepOptions options;
};

bool is_recipe(const std::string& name) {
  return std::any_of(recipes().begin(), recipes().end(), [&](const Recipe& r) { return r.name == name; });
}

/// A sweep's name or file, else a recipe's.
SweepPlan plan_named(const std::string& name) {
  for (const SweepPlan& plan : plans())
    if (plan.name == name) return plan;
  if (name.ends_with(".sweep.yaml")) {
    SweepPlan plan = parse_plan(read_text(name), name);
    if (plan.name.empty())
      plan.name = name.substr(name.rfind('/') + 1, name.size() - std::string(".sweep.yaml").size());
    return plan;
  }
  SweepPlan plan;
  plan.base.recipe = name;
  plan.name = is_recipe(name) ? name : recipe_settings(name, "").recipe;
  plan.seeds = parse_seeds("5");
  return plan;
}

void change(SweepPlan& plan, const Asked& asked) {
  if (!asked.variant.empty()) plan.base.variant = asked.variant;
  plan.base.set.insert(plan.base.set.end(), asked.set.begin(), asked.set.end());
  std::set<std::string> seen;
  for (const std::string& text : asked.grid) {
    const GridAxis axis = parse_axis(text);
    if (!seen.insert(axis.key).second)
      throw Error("--grid " + text, "there is an axis " + axis.key + " already", "give all its values in one --grid");
    const auto same = [&](const GridAxis& other) { return other.key == axis.key; };
    const auto there = std::find_if(plan.axes.begin(), plan.axes.end(), same);
    if (there == plan.axes.end()) {
      plan.axes.push_back(axis);
    } else {
      there->values = axis.values;
    }
  }
  if (!asked.seeds.empty()) plan.seeds = parse_seeds(asked.seeds);
  if (!asked.score.empty()) plan.score.how = asked.score;
  if (!asked.metric.empty()) plan.score.metric = asked.metric;
  if (!asked.metric.empty() && plan.score.how == "greedy")
    throw Error("--metric " + asked.metric, "a greedy score is no column: it is the return after training",
                "leave out --metric, or give --score last or best");
  if (asked.last > 0) plan.score.epochs = asked.last;
  if (asked.refine >= 0) plan.refine = asked.refine;
}

int run(const Asked& asked) {
  if (!asked.resume.empty()) {
    if (!asked.recipe.empty() || !asked.grid.empty() || !asked.set.empty() || !asked.options.out.empty())
      throw Error("--resume", "a sweep goes on as it was begun", "leave out the recipe, --grid, --set and --out");
    SweepPlan plan = plan_of_folder(asked.resume);
    change(plan, asked);
    SweepOptions options = asked.options;
    options.out = asked.resume;
    return sweep(std::move(plan), options);
  }
  if (asked.recipe.empty())
    throw Error("sweep", "no recipe is named",
                "try `pigrad sweep a2c-cartpole --seeds 5`, or see `pigrad list sweeps`");
  SweepPlan plan = plan_named(asked.recipe);
  change(plan, asked);
  return sweep(std::move(plan), asked.options);
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("recipe", asked->recipe, "A recipe, a settings file (.yaml), a sweep or its file (.sweep.yaml)")
      ->type_name("");
  parser.add_option("--seeds", asked->seeds, "10: seeds 1 to 10; or a list, 1,5,7; or a range, 1-10 (5 if left out)")
      ->type_name("SEEDS");
  parser
      .add_option("--grid", asked->grid,
                  "An axis: any setting, variant or recipe, and its values. Several make every combination")
      ->type_name("KEY=A,B,…")
      ->allow_extra_args(false)
      ->check(key_value("--grid", "=VALUES"));
  parser.add_option("--variant", asked->variant, "recommended (the default), or source");
  parser.add_option("--set", asked->set, "Change a setting of every run")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(key_value("--set", "=VALUE"));
  parser
      .add_option("--refine", asked->refine,
                  "Rounds of a finer mesh around the best (geometric for rates, arithmetic else)")
      ->check(whole(0, 20));
  parser
      .add_option("--score", asked->score,
                  "What a run is judged by: its last epochs (the default), its best, or greedy")
      ->check(CLI::IsMember(score_names()).description(""));
  parser.add_option("--metric", asked->metric, "The column for last and best; rollout/ep_rew_mean if left out");
  parser.add_option("--last", asked->last, "How many the last epochs are; 10 if left out")->check(whole(1, 1000000));
  parser.add_option("--jobs", asked->options.batch.jobs, "Runs at a time; as many as cores if left out")
      ->check(whole(1, most_threads));
  add_out(parser, asked->options.out, "FOLDER", "The sweep's folder; runs/sweep-NAME if left out");
  parser.add_option("--resume", asked->resume, "Go on with a sweep; the same command does so too")
      ->type_name("SWEEP")
      ->check(filled());
  parser.add_flag("--quiet", asked->options.batch.quiet, "Say nothing but mistakes");
  return [asked] { return run(*asked); };
}

}  // namespace

Command sweep_command() {
  return {"sweep", "Run many seeds and settings side by side, with statistics",
          "  pigrad sweep a2c-cartpole --seeds 10\n"
          "  pigrad sweep a2c-cartpole --grid policy.optimiser.learning_rate=1e-4,1e-3 --grid gamma=0.9,0.99\n"
          "  pigrad sweep reinforce-cartpole --grid variant=source,recommended --seeds 1-20 --jobs 2\n"
          "  pigrad sweep a2c-cartpole-rates --refine 1\n"
          "  pigrad sweep --resume runs/sweep-a2c-cartpole",
          declare};
}

}  // namespace pigrad::app
