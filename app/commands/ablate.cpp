#include "ablate.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "../../core/error.hpp"
#include "../many/ablation.hpp"
#include "../many/grid.hpp"
#include "../recipes.hpp"
#include "../settings.hpp"
#include "../unread.hpp"
#include "key_value.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string recipe, from, to, seeds = "5";
  std::vector<std::string> set;
  AblationOptions options;
};

/// RECIPE, RECIPE:VARIANT or FILE.yaml.
TrainSettings named(const std::string& name) {
  const auto colon = name.rfind(':');
  if (colon == std::string::npos) return recipe_settings(name, "");
  return recipe_settings(name.substr(0, colon), name.substr(colon + 1));
}

int run(Asked asked) {
  if (asked.recipe.empty() == asked.from.empty() || asked.from.empty() != asked.to.empty())
    throw Error("ablate", "it goes from one to another",
                "name a recipe, to go from its source variant to the recommended one, or give --from and --to");
  TrainSettings from = asked.recipe.empty() ? named(asked.from) : recipe_settings(asked.recipe, "source");
  TrainSettings to = named(asked.recipe.empty() ? asked.to : asked.recipe);
  const auto before = fields_of(from), after = fields_of(to);
  for (const std::string& assignment : asked.set) {
    set_setting(before, assignment);
    set_setting(after, assignment);
  }
  refuse_unread({from, to}, asked.set, "--set");
  asked.options.seeds = parse_seeds(asked.seeds);
  asked.options.title = asked.recipe.empty() ? asked.from + " to " + asked.to : asked.recipe;
  asked.options.from_name = asked.recipe.empty() ? asked.from : from.variant;
  asked.options.to_name = asked.recipe.empty() ? asked.to : to.variant;
  if (asked.options.out.empty()) asked.options.out = "runs/ablate-" + to.recipe;
  return ablate(from, to, asked.options);
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("recipe", asked->recipe, "Go from its source variant to the recommended one")->type_name("");
  parser.add_option("--from", asked->from, "RECIPE, RECIPE:VARIANT or a settings file to begin with");
  parser.add_option("--to", asked->to, "The same, to end with");
  parser.add_option("--seeds", asked->seeds, "10: seeds 1 to 10; or a list, 1,5,7; or a range")
      ->type_name("SEEDS")
      ->capture_default_str();
  parser.add_option("--set", asked->set, "Change a setting of both ends")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(key_value("--set", "=VALUE"));
  parser.add_option("--jobs", asked->options.batch.jobs, "Runs at a time; as many as cores if left out")
      ->check(whole(1, most_threads));
  add_out(parser, asked->options.out, "FOLDER", "The folder; runs/ablate-RECIPE if left out");
  parser.add_flag("--quiet", asked->options.batch.quiet, "Say nothing but mistakes");
  return [asked] { return run(*asked); };
}

}  // namespace

Command ablate_command() {
  return {"ablate", "Why do my numbers differ? From one form of a recipe to another, a switch at a time",
          "  pigrad ablate a2c-cartpole --seeds 10\n"
          "  pigrad ablate reinforce-cartpole --set epochs=50\n"
          "  pigrad ablate --from mine.yaml --to a2c-cartpole:source",
          declare};
}

}  // namespace pigrad::app
