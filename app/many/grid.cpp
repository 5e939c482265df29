#include "grid.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include "../../core/error.hpp"
#include "../../core/whole_text.hpp"
#include "../recipes.hpp"
#include "../settings.hpp"

namespace pigrad::app {
namespace {

constexpr std::int64_t kMostSeeds = 100000;

std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> values(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth == 0) {
      values.emplace_back();
    } else if (c != ' ') {
      values.back() += c;
    }
  }
  return values;
}

bool chooses_file(const std::string& key) { return key == "recipe" || key == "variant"; }

std::string part_of(const std::string& key, bool first) {
  return first ? key.substr(0, key.find('.')) : key.substr(key.rfind('.') + 1);
}

std::string first_and_last(const std::string& key) {
  return key.find('.') == std::string::npos ? key : part_of(key, true) + "." + part_of(key, false);
}

}  // namespace

GridAxis parse_axis(const std::string& text, const std::string& option) {
  const auto equals = text.find('=');
  const std::string where = option + " " + text;
  if (equals == std::string::npos || equals == 0)
    throw Error(where, "this is no key=values", "write, for example, " + option + " gamma=0.9,0.99");
  GridAxis axis{text.substr(0, equals), split_values(text.substr(equals + 1))};
  for (const std::string& value : axis.values)
    if (value.empty()) throw Error(where, "a value is empty", "write the values between commas, as in gamma=0.9,0.99");
  return axis;
}

std::vector<std::int64_t> parse_seeds(const std::string& text, const std::string& option) {
  const auto refuse = [&](const std::string& what) -> void {
    throw Error(option + " " + text, what, "give a number of seeds (10), a list (1,5,7) or a range (1-10)");
  };
  const auto number = [&](const std::string& word) {
    std::int64_t value = 0;
    if (!whole_text(word, value) || value < 0) refuse("\"" + word + "\" is no seed");
    return value;
  };
  std::vector<std::int64_t> seeds;
  const auto add = [&](std::int64_t from, std::int64_t to) {
    if (from > to || to - from >= kMostSeeds) refuse("the range is empty or too long");
    for (std::int64_t seed = from; seed <= to; ++seed) seeds.push_back(seed);
  };
  if (text.find_first_of(",-") == std::string::npos) {
    const std::int64_t count = number(text);
    if (count < 1) refuse("at least one seed is needed");
    add(1, count);
    return seeds;
  }
  for (const std::string& word : split_values(text.ends_with(",") ? text.substr(0, text.size() - 1) : text)) {
    const auto dash = word.find('-', 1);
    if (dash == std::string::npos) {
      seeds.push_back(number(word));
    } else {
      add(number(word.substr(0, dash)), number(word.substr(dash + 1)));
    }
  }
  if (std::set<std::int64_t>(seeds.begin(), seeds.end()).size() < seeds.size()) refuse("a seed comes twice");
  return seeds;
}

std::vector<Assignments> expand(const std::vector<GridAxis>& axes) {
  std::vector<Assignments> all(1);
  for (const GridAxis& axis : axes) {
    std::vector<Assignments> longer;
    for (const Assignments& one : all) {
      for (const std::string& value : axis.values) {
        longer.push_back(one);
        longer.back().emplace_back(axis.key, value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

TrainSettings settings_of(const Base& base, const Assignments& assignments) {
  std::string recipe = base.recipe, variant = base.variant;
  for (const auto& [key, value] : assignments) {
    if (key == "recipe") recipe = value;
    if (key == "variant") variant = value;
  }
  TrainSettings settings = recipe_settings(recipe, variant);
  const auto fields = fields_of(settings);
  for (const std::string& assignment : base.set) set_setting(fields, assignment);
  for (const auto& [key, value] : assignments)
    if (!chooses_file(key)) set_setting(fields, key + "=" + value, "--grid");
  return settings;
}

std::vector<GridAxis> canonical(const Base& base, std::vector<GridAxis> axes) {
  std::set<std::string> keys;
  for (GridAxis& axis : axes) {
    const std::string where = "--grid " + axis.key;
    if (axis.key == "seed") throw Error(where, "seeds are no axis of a grid", "give them as --seeds 1,5,7");
    if (!keys.insert(axis.key).second) throw Error(where, "the axis is given twice", "put its values into one");
    std::set<std::string> values;
    for (std::string& value : axis.values) {
      TrainSettings settings = settings_of(base, {{axis.key, value}});
      for (const Field& field : fields_of(settings))
        if (field.key == axis.key && !chooses_file(axis.key))
          value = field.is_list() ? "[" + field.text() + "]" : field.text();
      if (!values.insert(value).second)
        throw Error(where, "the value " + value + " comes twice", "keep one of the two");
    }
  }
  return axes;
}

std::vector<std::string> short_names(const std::vector<std::string>& keys) {
  std::vector<std::string> names;
  for (const std::string& key : keys) {
    const auto alone = [&](auto name) {
      return std::count_if(keys.begin(), keys.end(), [&](const std::string& k) { return name(k) == name(key); }) == 1;
    };
    const auto last = [](const std::string& k) { return part_of(k, false); };
    names.push_back(alone(last) ? last(key) : alone(first_and_last) ? first_and_last(key) : key);
  }
  return names;
}

std::string label_of(const Assignments& assignments) {
  std::vector<std::string> keys;
  for (const auto& one : assignments) keys.push_back(one.first);
  const auto names = short_names(keys);
  std::string label;
  for (std::size_t i = 0; i < names.size(); ++i) label += (i > 0 ? ", " : "") + names[i] + "=" + assignments[i].second;
  return label;
}

std::string folder_of(const Assignments& assignments) {
  constexpr std::size_t longest = 150;
  std::string name;
  for (const char c : label_of(assignments)) {
    if (c == ' ' || c == '[' || c == ']') continue;
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string("._-=,+").find(c) != std::string::npos || static_cast<unsigned char>(c) >= 0x80;
    name += plain ? c : '-';
  }
  if (name.size() <= longest) return name;
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  char digits[20];
  std::snprintf(digits, sizeof digits, "-%016llx", static_cast<unsigned long long>(hash));
  return name.substr(0, longest) + digits;
}

}  // namespace pigrad::app
