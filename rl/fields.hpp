#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace pigrad {

/// The numbers that a setting may take: an interval whose ends belong to it unless said.
struct Range {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;

  bool contains(double x) const { return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high); }
  /// "in [0, 1]", "at least 1", "more than 0"; empty if everything is allowed.
  std::string describe() const;
};

/// low ≤ x ≤ high
inline Range range(double low, double high) { return {low, high, false, false}; }
/// low ≤ x < high
inline Range range_below(double low, double high) { return {low, high, false, true}; }
/// x ≥ low
inline Range at_least(double low) { return {low, std::numeric_limits<double>::infinity(), false, false}; }
/// x > low
inline Range more_than(double low) { return {low, std::numeric_limits<double>::infinity(), true, false}; }

/// The names that a text setting may take: `choices{"adam", "sgd"}`.
struct Choices {
  std::vector<std::string> names;
  Choices() = default;
  Choices(std::initializer_list<const char*> list) : names(list.begin(), list.end()) {}
  explicit Choices(std::vector<std::string> list) : names(std::move(list)) {}
};
using choices = Choices;

/// Where a setting's value lies.
using FieldValue = std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::vector<int>*,  //
                                std::vector<double>*>;

/// One setting of a configuration, as its `fields` function lists it. Points into the configuration.
struct Field {
  std::string key;  ///< dotted: "policy.hidden"
  FieldValue value;
  std::string meaning;               ///< one line
  Range range;                       ///< of a number, or of each in a list
  std::vector<std::string> choices;  ///< of a text; empty if every text is allowed

  bool is_list() const;
  bool is_number() const;
  /// What may be written there: "a whole number in [1, 8]", "one of adam, sgd".
  std::string wants() const;
  /// The value as text that reads back to the same bits: 0.001, true, adam, 64,32.
  std::string text() const;
  /// Throws Error, where being the key, if the value is outside `range` or `choices`.
  void check() const;
};

/// Collects the fields of a configuration and of those within it: the `V` of
///
///     template <class V> void fields(V& v) {
///       v("gamma", gamma, "discount γ", range(0, 1));
///       v("optimiser", optimiser, "update rule", choices{"adam", "sgd"});
///       v.group("policy", policy);
///     }
class FieldList {
 public:
  template <class T>
  void operator()(const char* key, T& value, const char* meaning, const Range& allowed = {}) {
    fields_.push_back({prefix_ + key, FieldValue(&value), meaning, allowed, {}});
  }
  void operator()(const char* key, std::string& value, const char* meaning, const Choices& allowed) {
    fields_.push_back({prefix_ + key, FieldValue(&value), meaning, {}, allowed.names});
  }
  template <class Config>
  void group(const char* key, Config& config) {
    const std::string outer = prefix_;
    prefix_ += std::string(key) + ".";
    config.fields(*this);
    prefix_ = outer;
  }
  std::vector<Field> take() { return std::move(fields_); }

 private:
  std::string prefix_;
  std::vector<Field> fields_;
};

/// Every setting of a configuration in its order, pointing into it.
template <class Config>
std::vector<Field> fields_of(Config& config) {
  FieldList list;
  config.fields(list);
  return list.take();
}

/// Throws Error for the first setting outside what it may be.
template <class Config>
void check_fields(Config config) {
  for (const Field& field : fields_of(config)) field.check();
}

/// The shortest text that reads back to the same double: "0.1", "1e-08", "inf", "nan".
std::string shortest(double value);

}  // namespace pigrad
