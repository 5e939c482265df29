#include "settings.hpp"

#include "../core/nearest.hpp"
#include "../rl/assign.hpp"
#include "guard.hpp"

using namespace pigrad;
using namespace pigrad::capi;

namespace {

Field field_of(TrainSettings& settings, const std::string& key) {
  std::vector<std::string> keys;
  for (const Field& field : fields_of(settings)) {
    if (field.key == key) return field;
    keys.push_back(field.key);
  }
  const std::string guess = nearest(key, keys);
  throw Error(key, "there is no such setting",
              guess.empty() ? "see `pigrad list settings` for their names" : "did you mean \"" + guess + "\"?");
}

}  // namespace

std::int32_t pigrad_api_version(void) { return PIGRAD_API_VERSION; }
const char* pigrad_version(void) { return PIGRAD_RELEASE; }

pigrad_code pigrad_settings_new(pigrad_settings** settings, pigrad_error* error) {
  return guarded(error, [&] {
    need(settings, "settings_new", "settings");
    *settings = nullptr;
    *settings = new pigrad_settings;
  });
}

void pigrad_settings_free(pigrad_settings* settings) { delete settings; }

pigrad_code pigrad_settings_set(pigrad_settings* settings, const char* key, const char* value, pigrad_error* error) {
  return guarded(error, [&] {
    need(settings, "settings_set", "settings");
    need(key, "settings_set", "key");
    need(value, "settings_set", "value");
    TrainSettings changed = settings->settings;
    const Field field = field_of(changed, key);
    if (!assign(field, value)) throw Error(key, "\"" + std::string(value) + "\" is none", "give " + field.wants());
    field.check();
    settings->settings = changed;
  });
}

pigrad_code pigrad_settings_get(const pigrad_settings* settings, const char* key, char* text, std::size_t size,
                                pigrad_error* error) {
  return guarded(error, [&] {
    need(settings, "settings_get", "settings");
    need(key, "settings_get", "key");
    need(text, "settings_get", "text");
    TrainSettings copy = settings->settings;
    const std::string value = field_of(copy, key).text();
    if (value.size() >= size)
      throw Error("settings_get", std::string(key) + " has " + std::to_string(value.size()) + " bytes",
                  "give room for them and a 0");
    std::memcpy(text, value.c_str(), value.size() + 1);
  });
}
