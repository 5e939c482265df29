#pragma once
#include <string>
#include <vector>

#include "../rl/assign.hpp"

namespace pigrad::app {

/// Reads a YAML file into the fields. Keys are dotted (`policy.hidden: [64, 64]`), nested, or both. Fields that the
/// file does not name keep their values. If it throws, the configuration may have been changed in part. Throws Error,
/// where being file:line, for an unknown key (with the nearest), a key given twice, a wrong type, a value that is not
/// allowed, or text that is no YAML.
void read_settings(const std::vector<Field>& fields, const std::string& path);

/// The same from text; `name` stands for the file in messages.
void parse_settings(const std::vector<Field>& fields, const std::string& yaml, const std::string& name);

/// Sets one field from "key=value": lists as 64,32 or [64, 32], whole numbers also as 1e6. Throws Error.
void set_setting(const std::vector<Field>& fields, const std::string& assignment, const std::string& option = "--set");

/// Every field as YAML, nested, each with its meaning beside it. Reads back to the same bits.
std::string write_settings(const std::vector<Field>& fields);

/// A table of settings with their values and meanings, at most `columns` wide.
std::string describe_settings(const std::vector<Field>& fields, int columns);

}  // namespace pigrad::app
