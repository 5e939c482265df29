#include "list.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <memory>

#include "../../rl/algorithm.hpp"
#include "../environments.hpp"
#include "../many/plan.hpp"
#include "../recipes.hpp"
#include "../settings.hpp"
#include "../table.hpp"
#include "../terminal.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string kind;
  bool plain = false;
};

std::string short_form(const Space& space) {
  const int n = space.is_discrete() ? space.n : space.size();
  return std::to_string(n) + (space.is_discrete() ? " choice" : " real") + (n == 1 ? "" : "s");
}

std::string dash_if_nan(double value) { return std::isnan(value) ? "—" : shortest(value); }

void list_environments(bool plain, int columns) {
  const Registry registry = all_environments();
  Table table({{"environment"}, {"observation"}, {"action"}, {"limit", true}, {"best return", true}, {"what it is"}});
  for (const std::string& name : registry.names()) {
    const Spec& spec = registry.spec(name);
    if (plain) {
      std::cout << name << "\n";
      continue;
    }
    table.row({name, short_form(spec.observation), short_form(spec.action),
               spec.max_steps > 0 ? std::to_string(spec.max_steps) : "—", dash_if_nan(spec.best_return),
               spec.description});
  }
  if (plain) return;
  for (const auto& [name, absent] : registry.absent()) table.row({name, "—", "—", "—", "—", absent.what});
  std::cout << table.text(columns);
}

void list_algorithms(bool plain, int columns) {
  Table table({{"algorithm"}, {"what it is"}});
  for (const AlgorithmEntry& entry : algorithms()) {
    if (plain) {
      std::cout << entry.name << "\n";
    } else {
      table.row({entry.name, entry.words});
    }
  }
  if (!plain) std::cout << table.text(columns);
}

void list_recipes(bool plain, int columns) {
  Table table({{"recipe"}, {"variants"}, {"what it is"}});
  for (const Recipe& recipe : recipes()) {
    if (plain) {
      std::cout << recipe.name << "\n";
      continue;
    }
    std::string variants = "recommended";
    for (const auto& variant : recipe.variants) variants += ", " + variant.first;
    table.row({recipe.name, variants, recipe.about});
  }
  if (!plain) std::cout << table.text(columns);
}

void list_sweeps(bool plain, int columns) {
  Table table({{"sweep"}, {"of"}, {"what it is"}});
  for (const SweepPlan& plan : plans()) {
    if (plain) {
      std::cout << plan.name << "\n";
      continue;
    }
    table.row({plan.name, plan.base.recipe, plan.about});
  }
  if (!plain) std::cout << table.text(columns);
}

void list_settings(bool plain, int columns) {
  TrainSettings settings;
  const std::vector<Field> fields = fields_of(settings);
  if (!plain) {
    std::cout << describe_settings(fields, columns);
    return;
  }
  for (const Field& field : fields) std::cout << field.key << "\n";
}

struct Kind {
  const char* name;
  void (*list)(bool plain, int columns);
};
constexpr Kind kinds[] = {{"environments", list_environments},
                          {"algorithms", list_algorithms},
                          {"recipes", list_recipes},
                          {"sweeps", list_sweeps},
                          {"settings", list_settings}};

int run(const Asked& asked) {
  // The table of settings is long: it comes only if asked for.
  const Display display = standard_output(false);
  const int columns = display.terminal ? display.columns() : 120;
  bool first = true;
  for (const Kind& kind : kinds) {
    if (asked.kind.empty() ? std::string(kind.name) == "settings" : asked.kind != kind.name) continue;
    if (!first) std::cout << "\n";
    first = false;
    kind.list(asked.plain, columns);
  }
  if (asked.kind.empty() && !asked.plain) std::cout << "\n`pigrad list settings` shows every setting of a run.\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  std::vector<std::string> names;
  for (const Kind& kind : kinds) names.emplace_back(kind.name);
  parser
      .add_option("what", asked->kind,
                  "environments, algorithms, recipes, sweeps or settings; all but settings if left out")
      ->check(CLI::IsMember(names).description(""))
      ->type_name("");
  parser.add_flag("--plain", asked->plain, "Names alone, one a line, for scripts");
  return [asked] { return run(*asked); };
}

}  // namespace

Command list_command() {
  return {"list", "Environments, algorithms, recipes and settings that can be named",
          "  pigrad list\n"
          "  pigrad list environments --plain\n"
          "  pigrad list settings",
          declare};
}

}  // namespace pigrad::app
