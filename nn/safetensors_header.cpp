#include "safetensors_header.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "../core/error.hpp"

namespace pigrad {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(where, what, "give a safetensors file, whole and as it was written");
}

/// Parses, refusing what the format forbids but JSON allows: the same key twice, or depth beyond tensor → list.
Json parse_json(std::string_view text, const std::string& where) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > 3) refuse(where, "the header is nested too deeply");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      refuse(where, "the header has the key " + value.dump() + " twice");
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::exception& fault) {
    refuse(where, "the header is not JSON");
  }
}

std::uint64_t natural(const Json& value, const std::string& where, const std::string& what) {
  if (!value.is_number_unsigned()) refuse(where, what + " is not a whole number");
  return value.get<std::uint64_t>();
}

Dtype dtype_of(const Json& value, const std::string& where, const std::string& name) {
  for (Dtype dtype : {Dtype::u64, Dtype::i64, Dtype::f64, Dtype::f32, Dtype::u32, Dtype::i32, Dtype::u8})
    if (value == dtype_name(dtype)) return dtype;
  throw Error(where, "tensor \"" + name + "\" has dtype " + value.dump(),
              "convert it to one of F64, F32, I64, I32, U64, U32, U8");
}

TensorFile::Entry entry_of(const std::string& name, const Json& value, const std::string& where) {
  const std::string tensor = "tensor \"" + name + "\"";
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets") || !value["shape"].is_array() || !value["data_offsets"].is_array())
    refuse(where, tensor + " is not described by dtype, shape and data_offsets");
  TensorFile::Entry entry;
  entry.name = name;
  entry.dtype = dtype_of(value["dtype"], where, name);
  for (const Json& side : value["shape"]) {
    const std::uint64_t sides = natural(side, where, tensor + ": a side");
    if (sides > static_cast<std::uint64_t>(INT64_MAX)) refuse(where, tensor + " has a side beyond 2^63");
    entry.shape.push_back(static_cast<std::int64_t>(sides));
  }
  const Json& offsets = value["data_offsets"];
  if (offsets.size() != 2) refuse(where, tensor + " does not have two data_offsets");
  entry.begin = natural(offsets[0], where, tensor + ": an offset");
  entry.end = natural(offsets[1], where, tensor + ": an offset");
  if (entry.begin > entry.end) refuse(where, tensor + " ends before it begins");
  return entry;
}

}  // namespace

std::string write_safetensors_header(const std::vector<TensorFile::Entry>& entries, const Metadata& metadata) {
  auto header = nlohmann::ordered_json::object();
  for (const auto& [key, value] : metadata) header["__metadata__"][key] = value;
  for (const TensorFile::Entry& entry : entries) {
    auto& tensor = header[entry.name];
    tensor["dtype"] = dtype_name(entry.dtype);
    tensor["shape"] = entry.shape;
    tensor["data_offsets"] = {entry.begin, entry.end};
  }
  try {
    return header.dump();
  } catch (const Json::exception&) {
    throw Error("safetensors", "a name or a metadata text is not UTF-8", "give UTF-8");
  }
}

void read_safetensors_header(std::string_view json, const std::string& where, std::vector<TensorFile::Entry>& entries,
                             Metadata& metadata) {
  if (json.empty() || json.front() != '{') refuse(where, "the header is not a JSON object");
  const Json header = parse_json(json, where);
  if (!header.is_object()) refuse(where, "the header is not a JSON object");
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      entries.push_back(entry_of(name, value, where));
      continue;
    }
    if (!value.is_object()) refuse(where, "__metadata__ is not an object of strings");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) refuse(where, "__metadata__ is not an object of strings");
      metadata[key] = text.get<std::string>();
    }
  }
}

}  // namespace pigrad
