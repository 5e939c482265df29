#include "event_file.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <protozero/pbf_writer.hpp>

namespace pigrad::app {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPrefix = "events.out.tfevents.";

// Field numbers of event.proto and summary.proto.
enum EventField : protozero::pbf_tag_type { wall_time = 1, step = 2, file_version = 3, summary = 5, session_log = 7 };
constexpr protozero::pbf_tag_type kSummaryValue = 1, kValueTag = 1, kValueNumber = 2, kSessionStatus = 1;
constexpr int kSessionStart = 1;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code fault;
  for (const auto& entry : fs::directory_iterator(folder, fault))
    if (entry.path().filename().string().starts_with(kPrefix)) names.push_back(entry.path().filename().string());
  return names;
}

// Readers take the files in the order of their names, so a clock that was put back must not show.
std::string next_name(const std::string& folder) {
  long long seconds = static_cast<long long>(seconds_now());
  int session = 1;
  for (const std::string& name : names_in(folder)) {
    long long its_seconds = 0;
    int its_session = 0;
    if (std::sscanf(name.c_str() + std::string(kPrefix).size(), "%lld.%d", &its_seconds, &its_session) != 2) continue;
    seconds = std::max(seconds, its_seconds);
    session = std::max(session, its_session + 1);
  }
  char tail[64];
  std::snprintf(tail, sizeof tail, "%010lld.%04d", seconds, session);
  return folder + "/" + kPrefix + tail;
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255u);
  return text;
}

std::string record(const std::string& event) {
  const std::string length = little_endian(event.size(), 8);
  return length + little_endian(masked_crc32c(length), 4) + event + little_endian(masked_crc32c(event), 4);
}

std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ (rest & 1u ? 0x82f63b78u : 0u);
    table[i] = rest;
  }
  return table;
}

}  // namespace

std::uint32_t masked_crc32c(const std::string& bytes) {
  static const std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t crc = ~0u;
  for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 255u];
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

EventFile::EventFile(const std::string& folder, std::int64_t steps)
    : file_(AppendFile::create(next_name(folder), "the event file")) {
  std::string version, start, session;
  protozero::pbf_writer first(version);
  first.add_double(wall_time, seconds_now());
  first.add_string(file_version, "brain.Event:2");
  protozero::pbf_writer(session).add_enum(kSessionStatus, kSessionStart);
  protozero::pbf_writer second(start);
  second.add_double(wall_time, seconds_now());
  second.add_int64(step, steps + 1);
  second.add_message(session_log, session);
  file_.append(steps > 0 ? record(version) + record(start) : record(version));
}

void EventFile::scalars(std::int64_t steps, const Metrics& metrics) {
  std::string values, event;
  protozero::pbf_writer all(values);
  for (const auto& [name, number] : metrics) {
    if (!std::isfinite(number)) continue;
    protozero::pbf_writer value(all, kSummaryValue);
    value.add_string(kValueTag, name);
    value.add_float(kValueNumber, static_cast<float>(number));
  }
  protozero::pbf_writer whole(event);
  whole.add_double(wall_time, seconds_now());
  whole.add_int64(step, steps);
  whole.add_message(summary, values);
  file_.append(record(event));
}

void EventFile::remove_all(const std::string& folder) {
  std::error_code fault;
  for (const std::string& name : names_in(folder)) fs::remove(folder + "/" + name, fault);
}

}  // namespace pigrad::app
