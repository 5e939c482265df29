#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "harness.hpp"

namespace pigrad::bench {
namespace {

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string quoted(const std::string& text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += c == '\n' ? ' ' : c;
  }
  return made + "\"";
}

std::string padded(const std::string& text, std::size_t width) {
  const auto letters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  const auto length = static_cast<std::size_t>(letters);
  return length < width ? std::string(width - length, ' ') + text : text;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string load_average() {
  std::ifstream file("/proc/loadavg");
  std::string one;
  file >> one;
  return one;
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

std::string words(const Spread& s, int decimals) {
  return fixed(s.median, decimals) + " (" + fixed(s.least, decimals) + "–" + fixed(s.most, decimals) + ")";
}

std::string json(const Spread& s) {
  char text[128];
  std::snprintf(text, sizeof text, "{\"median\": %.6g, \"min\": %.6g, \"max\": %.6g}", s.median, s.least, s.most);
  return text;
}

}  // namespace

Report::Report(std::string name, const Arguments& arguments, std::string unit, int decimals)
    : name_(std::move(name)), unit_(std::move(unit)), arguments_(arguments), decimals_(decimals) {
  char day[32];
  const std::time_t now = std::time(nullptr);
  std::strftime(day, sizeof day, "%Y-%m-%d", std::gmtime(&now));
  fact("command", arguments.command);
  fact("commit", environment("PIGRAD_COMMIT", "unknown: start it by bench/run"));
  fact("date", day);
  fact("processor", processor());
  fact("compiler", compiler());
  fact("load at start", load_average());
  fact("clock", arguments.cpu_clock ? "processor time of the process" : "time that passed");
  fact("rounds", std::to_string(arguments.rounds) + ", interleaved; median (least–most), ratios round by round");
}

void Report::fact(const std::string& key, const std::string& value) { facts_.emplace_back(key, value); }

void Report::say(const std::string& line) {
  std::cout << line << std::endl;
  text_ += line + "\n";
}

void Report::say_facts() {
  for (const auto& [key, value] : facts_) say(key + ": " + value);
}

void Report::add(const Comparison& c) {
  constexpr std::size_t width = 34, ratio_width = 18;
  std::vector<std::string> heading = c.names;
  heading.push_back(c.names[c.base]);
  if (text_.empty()) say_facts();
  if (heading != heading_) {
    std::string line = padded(unit_, 20);
    for (const std::string& name : c.names) line += padded(name, width);
    for (std::size_t i = 0; i < c.names.size(); ++i)
      if (i != c.base) line += "  " + padded(c.names[i] + " / " + c.names[c.base], ratio_width);
    say("");
    say(line);
    heading_ = heading;
  }
  std::string line = padded(c.what, 20), values, ratios;
  for (std::size_t i = 0; i < c.names.size(); ++i) {
    const Spread s = spread(c.samples[i]);
    line += padded(words(s, decimals_), width);
    values += (i ? ", " : "") + quoted(c.names[i]) + ": " + json(s);
  }
  for (std::size_t i = 0; i < c.names.size(); ++i) {
    if (i == c.base) continue;
    std::vector<double> ratio;
    for (std::size_t r = 0; r < c.samples[i].size(); ++r) ratio.push_back(c.samples[i][r] / c.samples[c.base][r]);
    const std::string name = c.names[i] + " / " + c.names[c.base];
    line += "  " + padded(words(spread(ratio), 2), std::max(ratio_width, name.size()));
    ratios += (ratios.empty() ? "" : ", ") + quoted(name) + ": " + json(spread(ratio));
  }
  say(line);
  json_rows_ += (json_rows_.empty() ? "" : ",\n") + std::string("    {\"case\": ") + quoted(c.what) +
                ", \"values\": {" + values + "}, \"ratios\": {" + ratios + "}}";
}

void Report::finish() {
  fact("load at end", load_average());
  if (arguments_.out.empty()) return;
  const std::filesystem::path folder = arguments_.out;
  std::filesystem::create_directories(folder);
  std::ofstream(folder / (name_ + ".txt")) << text_;
  std::ofstream file(folder / (name_ + ".json"));
  file << "{\n";
  for (const auto& [key, value] : facts_) file << "  " << quoted(key) << ": " << quoted(value) << ",\n";
  file << "  \"unit\": " << quoted(unit_) << ",\n  \"rows\": [\n" << json_rows_ << "\n  ]\n}\n";
  if (!file.flush()) {
    std::cerr << "bench: cannot write to " << folder.string() << "; give --out a folder that can be written\n";
    std::exit(2);
  }
}

}  // namespace pigrad::bench
