#include "recipes.hpp"

#include <algorithm>

#include "../core/error.hpp"
#include "../core/nearest.hpp"
#include "settings.hpp"

namespace pigrad::app {

/// Written by the build from recipes/*.yaml: file name and text, in alphabetical order.
extern const std::vector<std::pair<std::string, std::string>> recipe_files;

namespace {

constexpr const char* ending = ".yaml";

std::vector<Recipe> collect() {
  std::vector<Recipe> all;
  for (const auto& [file, text] : recipe_files) {
    const std::string stem = file.substr(0, file.size() - std::string(ending).size());
    if (stem.find('.') == std::string::npos) all.push_back({stem, words_at_top(text), text, {}});
  }
  for (const auto& [file, text] : recipe_files) {
    const std::string stem = file.substr(0, file.size() - std::string(ending).size());
    const std::size_t dot = stem.find('.');
    for (Recipe& r : all)
      if (dot != std::string::npos && r.name == stem.substr(0, dot))
        r.variants.emplace_back(stem.substr(dot + 1), text);
  }
  return all;
}

}  // namespace

std::string words_at_top(const std::string& text) {
  std::string words;
  std::size_t at = 0;
  while (at < text.size() && text[at] == '#') {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    words += (words.empty() ? "" : " ") + text.substr(std::min(at + 2, end), end - std::min(at + 2, end));
    at = end + 1;
  }
  return words;
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = collect();
  return all;
}

TrainSettings recipe_settings(const std::string& name, const std::string& variant) {
  TrainSettings settings;
  const auto fields = fields_of(settings);
  if (name.ends_with(".yaml") || name.ends_with(".yml")) {
    if (!variant.empty()) throw Error("--variant", "a settings file has no variants", "leave it out, or name a recipe");
    read_settings(fields, name);
    return settings;
  }
  std::vector<std::string> names;
  for (const Recipe& r : recipes()) names.push_back(r.name);
  const auto recipe = std::find_if(recipes().begin(), recipes().end(), [&](const Recipe& r) { return r.name == name; });
  if (recipe == recipes().end())
    throw Error(name, "there is no such recipe",
                did_you_mean(name, names) + "see `pigrad list recipes`, or give a settings file that ends in .yaml");
  parse_settings(fields, recipe->settings, "recipes/" + name + ".yaml");
  if (variant.empty() || variant == "recommended") return settings;
  std::string known = "recommended";
  for (const auto& [other, text] : recipe->variants) {
    known += ", " + other;
    if (other != variant) continue;
    parse_settings(fields, text, "recipes/" + name + "." + variant + ".yaml");
    settings.variant = variant;
    return settings;
  }
  throw Error(name, "it has no variant '" + variant + "'", "use one of: " + known);
}

}  // namespace pigrad::app
