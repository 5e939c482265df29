#include "summary.hpp"

#include <nlohmann/json.hpp>

#include "../core/error.hpp"
#include "files.hpp"
#include "versions.hpp"

namespace pigrad::app {

struct Summary::Object {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
};

Summary::Summary() : object_(std::make_unique<Object>()) {}
Summary::~Summary() = default;
Summary::Summary(Summary&&) noexcept = default;

template <class T>
Summary& Summary::put(const std::string& key, const T& value) {
  nlohmann::ordered_json* at = &object_->json;
  for (std::size_t begin = 0; begin != std::string::npos;) {
    const auto dot = key.find('.', begin);
    at = &(*at)[key.substr(begin, dot - begin)];
    begin = dot == std::string::npos ? dot : dot + 1;
    if (begin != std::string::npos && !at->is_null() && !at->is_object()) {
      throw Error("summary", "\"" + key + "\" lies below a value", "choose another key");
    }
  }
  *at = value;
  return *this;
}

Summary& Summary::set(const std::string& key, double value) { return put(key, value); }
Summary& Summary::set(const std::string& key, int value) { return put(key, value); }
Summary& Summary::set(const std::string& key, std::int64_t value) { return put(key, value); }
Summary& Summary::set(const std::string& key, bool value) { return put(key, value); }
Summary& Summary::set(const std::string& key, const std::string& value) { return put(key, value); }
Summary& Summary::set(const std::string& key, const char* value) { return put(key, value); }
Summary& Summary::set(const std::string& key, const std::vector<double>& values) { return put(key, values); }
Summary& Summary::set(const std::string& key, const std::vector<int>& values) { return put(key, values); }

Summary& Summary::set_settings(const std::string& key, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    std::visit([&](const auto* value) { set(key + "." + field.key, *value); }, field.value);
  }
  return *this;
}

Summary& Summary::set_versions() {
  for (const auto& [name, value] : versions()) set("versions." + name, value);
  return *this;
}

std::string Summary::text() const {
  return object_->json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void Summary::write(const std::string& path) const { write_text(path, text()); }

}  // namespace pigrad::app
