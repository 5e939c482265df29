#include "registry.hpp"

#include <algorithm>
#include <numeric>

#include "../core/error.hpp"

namespace pigrad {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance, letters compared without case.
int distance(const std::string& a, const std::string& b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const int change = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

void Registry::add(const Spec& spec, DynamicsFactory<float> in_float, DynamicsFactory<double> in_double) {
  require(!spec.id.empty(), "Registry::add", "the environment has no name", "set spec.id");
  if (contains(spec.id)) throw Error("Registry::add", "\"" + spec.id + "\" is taken", "choose another spec.id");
  entries_.emplace(spec.id, Entry{spec, std::move(in_float), std::move(in_double)});
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

const Registry::Entry& Registry::find(const std::string& name) const {
  const auto entry = entries_.find(name);
  if (entry != entries_.end()) return entry->second;
  require(!entries_.empty(), "env", "the registry is empty", "begin with Registry::builtin()");
  std::string all, nearest;
  int least = 1 << 30;
  for (const auto& [known, unused] : entries_) {
    all += (all.empty() ? "" : ", ") + known;
    const int d = distance(name, known);
    if (d < least) {
      least = d;
      nearest = known;
    }
  }
  throw Error("env", "there is no environment \"" + name + "\"", "did you mean " + nearest + "? There are " + all);
}

const Spec& Registry::spec(const std::string& name) const { return find(name).spec; }

template <>
std::unique_ptr<VectorEnv<float>> Registry::make<float>(const std::string& name, int copies, std::uint64_t seed,
                                                        const EnvOptions& options) const {
  const Entry& entry = find(name);
  require(copies >= 1, name.c_str(), "an environment needs at least one copy", "set copies to 1 or more");
  return std::make_unique<VectorEnv<float>>(entry.spec, entry.in_float(copies), copies, seed, options);
}

template <>
std::unique_ptr<VectorEnv<double>> Registry::make<double>(const std::string& name, int copies, std::uint64_t seed,
                                                          const EnvOptions& options) const {
  const Entry& entry = find(name);
  require(copies >= 1, name.c_str(), "an environment needs at least one copy", "set copies to 1 or more");
  return std::make_unique<VectorEnv<double>>(entry.spec, entry.in_double(copies), copies, seed, options);
}

}  // namespace pigrad
