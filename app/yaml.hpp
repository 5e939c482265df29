#pragma once
#include <yaml-cpp/yaml.h>

#include <string>

namespace pigrad::app {

/// The document of a text that people wrote as `key: value` lines; null where there is none. `name` stands for the file
/// in messages. Throws Error, where being file:line, for what is no YAML, a byte 0, or a second document.
YAML::Node read_yaml(const std::string& text, const std::string& name);

}  // namespace pigrad::app
