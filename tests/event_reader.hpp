#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// TensorBoard's event files, decoded from their specification alone.
namespace pigrad_test {

struct Event {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string version;
  std::vector<std::pair<std::string, float>> scalars;
  bool session_start = false;
};

/// CRC-32C a bit at a time, and turned as the records have it.
inline std::uint32_t record_crc(const std::string& bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes)
    for (int bit = 0; bit < 8; ++bit) {
      const bool one = ((crc ^ (static_cast<std::uint32_t>(static_cast<unsigned char>(c)) >> bit)) & 1u) != 0;
      crc = (crc >> 1) ^ (one ? 0x82f63b78u : 0u);
    }
  crc ^= 0xffffffffu;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

/// The fields of a protocol buffer in their order: number, and a whole number or bytes.
struct Field {
  std::uint64_t number, value;
  std::string bytes;
};

inline std::vector<Field> fields_in(const std::string& message) {
  std::vector<Field> fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(message.at(at++));
      value |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return value;
    }
  };
  const auto take = [&](std::size_t count) {
    if (message.size() - at < count) throw std::runtime_error("a field passes its message");
    at += count;
    return message.substr(at - count, count);
  };
  while (at < message.size()) {
    const std::uint64_t key = varint();
    Field field{key >> 3, 0, ""};
    switch (key & 7u) {
      case 0:
        field.value = varint();
        break;
      case 1:
        field.bytes = take(8);
        break;
      case 2:
        field.bytes = take(varint());
        break;
      case 5:
        field.bytes = take(4);
        break;
      default:
        throw std::runtime_error("a field of no known kind");
    }
    fields.push_back(field);
  }
  return fields;
}

template <class T>
T number_in(const std::string& bytes) {
  T value;
  if (bytes.size() != sizeof value) throw std::runtime_error("a number of another size");
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

inline Event event_in(const std::string& message) {
  Event event;
  for (const Field& field : fields_in(message)) {
    if (field.number == 1) event.wall_time = number_in<double>(field.bytes);
    if (field.number == 2) event.step = static_cast<std::int64_t>(field.value);
    if (field.number == 3) event.version = field.bytes;
    if (field.number == 5)
      for (const Field& value : fields_in(field.bytes)) {
        std::pair<std::string, float> scalar;
        for (const Field& part : fields_in(value.bytes)) {
          if (part.number == 1) scalar.first = part.bytes;
          if (part.number == 2) scalar.second = number_in<float>(part.bytes);
        }
        event.scalars.push_back(scalar);
      }
    if (field.number == 7)
      for (const Field& part : fields_in(field.bytes)) event.session_start |= part.number == 1 && part.value == 1;
  }
  return event;
}

/// The whole records of a file; a torn one at its end, as a killed writer leaves it, is passed over.
inline std::vector<Event> events_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<Event> events;
  for (std::size_t at = 0; bytes.size() - at >= 16;) {
    const std::string head = bytes.substr(at, 8);
    const auto length = number_in<std::uint64_t>(head);
    REQUIRE(number_in<std::uint32_t>(bytes.substr(at + 8, 4)) == record_crc(head));
    if (bytes.size() - at - 16 < length) break;
    const std::string data = bytes.substr(at + 12, length);
    REQUIRE(number_in<std::uint32_t>(bytes.substr(at + 12 + length, 4)) == record_crc(data));
    events.push_back(event_in(data));
    at += 16 + length;
  }
  return events;
}

inline std::vector<std::string> event_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// The scalars of a folder by tag and step, as TensorBoard keeps them: a session start drops all from its step on.
using Scalars = std::map<std::string, std::vector<std::pair<std::int64_t, float>>>;

inline Scalars scalars_in(const std::string& folder) {
  Scalars all;
  for (const std::string& path : event_files(folder))
    for (const Event& event : events_in(path)) {
      if (event.session_start)
        for (auto& [tag, points] : all)
          std::erase_if(points, [&](const auto& point) { return point.first >= event.step; });
      for (const auto& [tag, value] : event.scalars) all[tag].emplace_back(event.step, value);
    }
  return all;
}

}  // namespace pigrad_test
