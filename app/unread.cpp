#include "unread.hpp"

#include <algorithm>

#include "../core/error.hpp"
#include "../rl/algorithm.hpp"
#include "../rl/unread.hpp"

namespace pigrad::app {
namespace {

/// Why the run does not read it; empty if it does, or if it is at its default.
std::string because(const TrainSettings& settings, const std::string& key) {
  for (const Unread& one : unread_settings(settings))
    if (one.key == key) return one.because;
  return "";
}

std::string cure(const TrainSettings& settings, const std::string& key) {
  std::string readers;
  TrainSettings other = settings;
  for (const AlgorithmEntry& entry : algorithms()) {
    other.algorithm = entry.name;
    if (because(other, key).empty()) readers += (readers.empty() ? "" : ", ") + std::string(entry.name);
  }
  return readers.empty() || because(settings, key).find(settings.algorithm) == std::string::npos
             ? "leave it out, or change that too"
             : "leave it out; read by " + readers;
}

}  // namespace

void refuse_unread(const std::vector<TrainSettings>& all, const std::vector<std::string>& assignments,
                   const std::string& option) {
  if (all.empty()) return;
  for (const std::string& assignment : assignments) {
    const std::string key = assignment.substr(0, assignment.find('='));
    if (std::all_of(all.begin(), all.end(), [&](const TrainSettings& s) { return !because(s, key).empty(); }))
      throw Error(option + " " + assignment, "it would change nothing: " + because(all[0], key), cure(all[0], key));
  }
}

std::string unread_in_words(const TrainSettings& settings) {
  constexpr std::size_t most = 6;
  const std::vector<Unread> all = unread_settings(settings);
  std::string words;
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i) words += (i > 0 ? ", " : "") + all[i].key;
  if (all.empty()) return "";
  if (all.size() > most) words += " and " + std::to_string(all.size() - most) + " more";
  return "set, but without effect here: " + words + " (" + all[0].because + (all.size() > 1 ? ", …" : "") + ")";
}

}  // namespace pigrad::app
