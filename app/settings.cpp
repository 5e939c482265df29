#include "settings.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "../core/error.hpp"
#include "../core/nearest.hpp"
#include "../nn/atomic_file.hpp"
#include "yaml.hpp"

namespace pigrad::app {
namespace {

std::vector<std::string> keys(const std::vector<Field>& fields) {
  std::vector<std::string> all;
  for (const Field& field : fields) all.push_back(field.key);
  return all;
}

const Field* find(const std::vector<Field>& fields, const std::string& key) {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.key == key; });
  return at == fields.end() ? nullptr : &*at;
}

bool is_group(const std::vector<Field>& fields, const std::string& key) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const Field& field) { return field.key.starts_with(key + "."); });
}

[[noreturn]] void refuse_unknown(const std::string& where, const std::vector<Field>& fields, const std::string& key) {
  const std::string guess = nearest(key, keys(fields));
  throw Error(where, "there is no setting \"" + key + "\"",
              guess.empty() ? "see `pigrad list settings`"
                            : "did you mean \"" + guess + "\" (" + find(fields, guess)->meaning + ")?");
}

[[noreturn]] void refuse_value(const std::string& where, const Field& field, const std::string& text,
                               const std::string& what) {
  const std::string guess = did_you_mean(text, field.choices);
  throw Error(where, field.key + " = \"" + text + "\" " + what,
              guess + "give " + field.wants() + " (" + field.meaning + "; now " + field.text() + ")");
}

/// What stands directly under a group: its settings, and its groups with .… behind them.
std::string under(const std::vector<Field>& fields, const std::string& group) {
  std::vector<std::string> names;
  for (const Field& field : fields) {
    if (!field.key.starts_with(group + ".")) continue;
    const auto dot = field.key.find('.', group.size() + 1);
    const std::string name = field.key.substr(0, dot) + (dot == std::string::npos ? "" : ".…");
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

/// A whole number, but beyond what the setting counts to.
template <class Value>
bool is_too_large(const Field& field, const Value& value) {
  double number = 0;
  Field real = field;
  real.value = &number;
  const bool whole = std::holds_alternative<int*>(field.value) || std::holds_alternative<std::int64_t*>(field.value);
  return whole && assign(real, value) && number == std::floor(number);
}

template <class Value>
void assign_checked(const std::string& where, const Field& field, const Value& value, const std::string& text) {
  const std::string before = field.text();
  if (!assign(field, value))
    refuse_value(where, field, text,
                 is_too_large(field, value) ? "is too large"
                 : field.is_number()        ? "is no such number"
                                            : "does not fit");
  try {
    field.check();
  } catch (const Error&) {
    assign(field, before);
    refuse_value(where, field, text, field.choices.empty() ? "is out of range" : "is no choice");
  }
}

class Reader {
 public:
  Reader(const std::vector<Field>& fields, std::string name) : fields_(fields), name_(std::move(name)) {}

  void read_map(const YAML::Node& map, const std::string& prefix) {
    for (const auto& entry : map) {
      const std::string at = where(entry.first);
      if (!entry.first.IsScalar()) throw Error(at, "a key is no text", "write settings as `key: value`");
      read_entry(at, prefix + entry.first.Scalar(), entry.second);
    }
  }

  std::string where(const YAML::Node& node) const { return name_ + ":" + std::to_string(node.Mark().line + 1); }

 private:
  void read_entry(const std::string& at, const std::string& key, const YAML::Node& node) {
    const Field* field = find(fields_, key);
    if (field == nullptr) {
      if (!is_group(fields_, key)) refuse_unknown(at, fields_, key);
      if (!node.IsMap()) {
        throw Error(at, "\"" + key + "\" is a group of settings",
                    "write one of these below it, or by its whole name: " + under(fields_, key));
      }
      return read_map(node, key + ".");
    }
    if (!seen_.insert(key).second) throw Error(at, "\"" + key + "\" is given twice", "keep one of the two");
    if (node.IsSequence()) return read_list(at, *field, node);
    if (!node.IsScalar()) {
      throw Error(at, "\"" + key + "\" has " + (node.IsNull() ? "no value" : "settings below it"),
                  "give " + field->wants());
    }
    assign_checked(at, *field, node.Scalar(), node.Scalar());
  }

  void read_list(const std::string& at, const Field& field, const YAML::Node& list) {
    std::vector<std::string> items;
    std::string text;
    for (const auto& item : list) {
      items.push_back(item.IsScalar() ? item.Scalar() : "…");
      text += (text.empty() ? "" : ", ") + items.back();
    }
    assign_checked(at, field, items, "[" + text + "]");
  }

  const std::vector<Field>& fields_;
  std::string name_;
  std::set<std::string> seen_;
};

}  // namespace

void parse_settings(const std::vector<Field>& fields, const std::string& yaml, const std::string& name) {
  const YAML::Node document = read_yaml(yaml, name);
  if (document.IsNull()) return;
  Reader reader(fields, name);
  if (!document.IsMap())
    throw Error(reader.where(document), "this is no list of settings", "write settings as `key: value`, one a line");
  reader.read_map(document, "");
}

void read_settings(const std::vector<Field>& fields, const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path);
  parse_settings(fields, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), path);
}

void set_setting(const std::vector<Field>& fields, const std::string& assignment, const std::string& option) {
  const auto equals = assignment.find('=');
  const std::string where = option + " " + assignment;
  if (equals == std::string::npos || equals == 0) {
    throw Error(where, "this is no key=value", "write, for example, " + option + " gamma=0.99");
  }
  const std::string key = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const Field* field = find(fields, key);
  if (field == nullptr && is_group(fields, key)) {
    throw Error(where, "\"" + key + "\" is a group of settings", "set one of those under it: " + under(fields, key));
  }
  if (field == nullptr) refuse_unknown(where, fields, key);
  assign_checked(where, *field, text, text);
}

}  // namespace pigrad::app
