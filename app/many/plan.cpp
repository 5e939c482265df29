#include "plan.hpp"

#include <algorithm>

#include "../../core/error.hpp"
#include "../../core/nearest.hpp"
#include "../../core/whole_text.hpp"
#include "../recipes.hpp"
#include "../yaml.hpp"

namespace pigrad::app {

/// Written by the build from recipes/sweeps/*.yaml: file name and text.
extern const std::vector<std::pair<std::string, std::string>> sweep_files;

namespace {

class Reader {
 public:
  explicit Reader(const std::string& where) : where_(where) {}

  [[noreturn]] void refuse(const YAML::Node& node, const std::string& what, const std::string& cure) const {
    throw Error(where_ + ":" + std::to_string(node.Mark().line + 1), what, cure);
  }

  std::string text(const YAML::Node& node) const {
    if (!node.IsScalar()) refuse(node, "a single value is wanted here", "write `key: value`");
    return node.Scalar();
  }

  /// A value of a setting, which may be a list: [64, 32].
  std::string value(const YAML::Node& node) const {
    if (!node.IsSequence()) return text(node);
    std::string all;
    for (const auto& item : node) all += (all.empty() ? "" : ",") + text(item);
    return "[" + all + "]";
  }

  std::vector<std::string> values(const YAML::Node& node) const {
    std::vector<std::string> all;
    if (!node.IsSequence()) return {text(node)};
    for (const auto& item : node) all.push_back(value(item));
    if (all.empty()) refuse(node, "the list is empty", "give at least one value");
    return all;
  }

  std::vector<std::int64_t> seeds(const YAML::Node& node) const {
    if (!node.IsSequence()) return parse_seeds(text(node), where_ + ": seeds");
    std::string list;
    for (const auto& item : node) list += text(item) + ",";
    return parse_seeds(list, where_ + ": seeds");
  }

  int count(const YAML::Node& node) const {
    const std::string words = text(node);
    int number = 0;
    if (!whole_text(words, number) || number < 0)
      refuse(node, "\"" + words + "\" is no whole number", "give 0 or more");
    return number;
  }

  void entry(const std::string& key, const YAML::Node& node, SweepPlan& plan) const {
    if (key == "sweep") {
      plan.name = text(node);
    } else if (key == "recipe") {
      plan.base.recipe = text(node);
    } else if (key == "variant") {
      plan.base.variant = text(node);
    } else if (key == "set" || key == "grid") {
      if (!node.IsMap()) refuse(node, "\"" + key + "\" holds no settings", "write them below it as `key: value`");
      for (const auto& one : node) {
        if (key == "set") plan.base.set.push_back(text(one.first) + "=" + value(one.second));
        if (key == "grid") plan.axes.push_back({text(one.first), values(one.second)});
      }
    } else if (key == "seeds") {
      plan.seeds = seeds(node);
    } else if (key == "refine") {
      plan.refine = count(node);
    } else if (key == "metric") {
      plan.score.metric = text(node);
    } else if (key == "last") {
      plan.score.epochs = std::max(1, count(node));
    } else if (key == "score") {
      plan.score.how = text(node);
    } else {
      refuse(node, "a sweep has no \"" + key + "\"",
             did_you_mean(key,
                          {"sweep", "recipe", "variant", "set", "grid", "seeds", "refine", "metric", "score", "last"}) +
                 "write sweep, recipe, variant, set, grid, seeds, score, last, metric or refine");
    }
  }

 private:
  std::string where_;
};

std::string quoted(const std::string& text) {
  if (!text.empty() && text[0] == '[') return text;
  std::string safe = "\"";
  for (const char c : text) safe += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return safe + "\"";
}

}  // namespace

SweepPlan parse_plan(const std::string& yaml, const std::string& where) {
  SweepPlan plan;
  const YAML::Node root = read_yaml(yaml, where);
  if (!root.IsMap()) throw Error(where, "this is no sweep", "write `key: value`, one a line, with a recipe among them");
  const Reader reader(where);
  for (const auto& one : root) reader.entry(reader.text(one.first), one.second, plan);
  if (plan.base.recipe.empty()) throw Error(where, "no recipe is named", "write `recipe: a2c-cartpole`");
  const auto& known = score_names();
  if (std::find(known.begin(), known.end(), plan.score.how) == known.end())
    throw Error(where, "there is no score \"" + plan.score.how + "\"", "use last, best or greedy");
  if (plan.seeds.empty()) plan.seeds = parse_seeds("5");
  plan.about = words_at_top(yaml);
  return plan;
}

std::string write_plan(const SweepPlan& plan) {
  std::string text = "sweep: " + quoted(plan.name) + "\nrecipe: " + quoted(plan.base.recipe) + "\n";
  if (!plan.base.variant.empty()) text += "variant: " + quoted(plan.base.variant) + "\n";
  for (std::size_t i = 0; i < plan.base.set.size(); ++i) {
    const std::string& one = plan.base.set[i];
    const auto equals = one.find('=');
    text += (i == 0 ? "set:\n  " : "  ") + quoted(one.substr(0, equals)) + ": " + quoted(one.substr(equals + 1)) + "\n";
  }
  for (std::size_t i = 0; i < plan.axes.size(); ++i) {
    text += (i == 0 ? "grid:\n  " : "  ") + quoted(plan.axes[i].key) + ": [";
    for (std::size_t k = 0; k < plan.axes[i].values.size(); ++k)
      text += (k > 0 ? ", " : "") + quoted(plan.axes[i].values[k]);
    text += "]\n";
  }
  text += "seeds: [";
  for (std::size_t i = 0; i < plan.seeds.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(plan.seeds[i]);
  text += "]\nscore: " + quoted(plan.score.how) + "\nlast: " + std::to_string(plan.score.epochs) +
          "\nmetric: " + quoted(plan.score.metric) + "\n";
  return text + "refine: " + std::to_string(plan.refine) + "\n";
}

std::vector<SweepPlan> plans() {
  std::vector<SweepPlan> all;
  for (const auto& [file, text] : sweep_files) {
    all.push_back(parse_plan(text, "recipes/sweeps/" + file));
    all.back().name = file.substr(0, file.rfind('.'));
  }
  return all;
}

}  // namespace pigrad::app
