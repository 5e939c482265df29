#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "../../core/error.hpp"
#include "../../core/nearest.hpp"
#include "../../core/ops.hpp"
#include "../../lab/check_list.hpp"
#include "../commands/options.hpp"
#include "../environments.hpp"
#include "../recipes.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "instrument.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::vector<std::string> names;
  std::string backend, variant;
  CheckOptions options;
};

bool is_recipe(const std::string& name) {
  const auto& all = recipes();
  return name.ends_with(".yaml") ||
         std::any_of(all.begin(), all.end(), [&](const Recipe& recipe) { return recipe.name == name; });
}

/// The checks that a word names.
std::vector<GradientCheck> checks_of(const std::string& name, const Asked& asked, const Registry& environments) {
  if (is_recipe(name)) return recipe_checks(name, recipe_settings(name, asked.variant), environments);
  std::vector<GradientCheck> found;
  std::vector<std::string> known = {"ops", "layers", "distributions", "all"};
  for (const GradientCheck& check : library_checks()) {
    if (name == check.kind + "s" || name == check.name || name == "all") found.push_back(check);
    known.push_back(check.name);
  }
  if (!found.empty()) return found;
  for (const Recipe& recipe : recipes()) known.push_back(recipe.name);
  throw Error("grad check", "there is nothing named \"" + name + "\"",
              did_you_mean(name, known) +
                  "give an op, a layer, a distribution or a recipe, or ops, layers, distributions or all");
}

int run(const Asked& asked) {
  const Registry environments = all_environments();
  CheckOptions options = asked.options;
  options.backend = asked.backend;
  std::vector<GradientCheck> checks;
  for (const std::string& name : asked.names)
    for (GradientCheck& check : checks_of(name, asked, environments)) checks.push_back(std::move(check));
  Table table({{"what"}, {"kind"}, {"compared", true}, {"largest error", true}, {"", false}, {"worst entry"}});
  int wrong = 0;
  std::string words;
  double worst = -1;
  for (const GradientCheck& check : checks) {
    const CheckReport report = check.run(options);
    table.row({check.name, check.kind, std::to_string(report.compared), six_digits(report.worst),
               report.ok ? "ok" : "WRONG", report.where});
    wrong += !report.ok;
    if (report.worst > worst) worst = report.worst, words = check.name + ": " + report.words;
  }
  std::cout << table.text() << "the worst entry of all is " << words << "\n"
            << checks.size() - static_cast<std::size_t>(wrong) << " of " << checks.size()
            << " agree with central differences and dual derivatives to " << six_digits(options.tolerance) << "\n";
  return wrong > 0 ? 1 : 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser
      .add_option(
          "what", asked->names,
          "Ops, layers, distributions by name; a recipe: its losses; ops, layers, distributions, all: every one")
      ->required()
      ->type_name("");
  parser.add_option("--variant", asked->variant, "Of a recipe");
  parser.add_option("--rows", asked->options.rows, "Samples")->capture_default_str()->check(whole(1, 100000));
  parser.add_option("--entries", asked->options.entries, "Entries of each operand to difference, chosen at random")
      ->capture_default_str()
      ->check(whole(1, 1000000));
  parser.add_option("--tolerance", asked->options.tolerance, "Largest relative error that passes")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  parser.add_option("--seed", asked->options.seed, "Of cotangents, directions and operands")
      ->capture_default_str()
      ->check(whole(0, 1000000000));
  parser.add_option("--backend", asked->backend,
                    "Kernels to judge: reference, avx2 or avx512; the fastest if left out");
  return [asked] { return run(*asked); };
}

}  // namespace

Command check_instrument() {
  return {"check", "Hold gradients against central differences and dual derivatives",
          "  pigrad grad check a2c-cartpole\n"
          "  pigrad grad check softmax affine gaussian --rows 33\n"
          "  pigrad grad check all --backend reference",
          declare};
}

}  // namespace pigrad::app
