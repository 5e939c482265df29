#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../rl/fields.hpp"

namespace pigrad::app {

/// A JSON object, written by dotted keys in the order in which they come: summary.json.
/// A number that is not finite becomes null, since JSON has none.
class Summary {
 public:
  Summary();
  ~Summary();
  Summary(Summary&&) noexcept;

  Summary& set(const std::string& key, double value);
  Summary& set(const std::string& key, int value);
  Summary& set(const std::string& key, std::int64_t value);
  Summary& set(const std::string& key, bool value);
  Summary& set(const std::string& key, const std::string& value);
  Summary& set(const std::string& key, const char* value);
  Summary& set(const std::string& key, const std::vector<double>& values);
  Summary& set(const std::string& key, const std::vector<int>& values);
  /// Each setting, below `key`.
  Summary& set_settings(const std::string& key, const std::vector<Field>& fields);
  /// versions(), below "versions".
  Summary& set_versions();

  std::string text() const;
  /// The whole file, or none.
  void write(const std::string& path) const;

 private:
  struct Object;
  template <class T>
  Summary& put(const std::string& key, const T& value);
  std::unique_ptr<Object> object_;
};

}  // namespace pigrad::app
