#include "registry.hpp"

#include "../core/error.hpp"
#include "../core/nearest.hpp"

namespace pigrad {

void Registry::check_new(const char* where, const std::string& name) const {
  require(!name.empty(), where, "the environment has no name", "set spec.id");
  if (contains(name) || absent_.count(name) > 0)
    throw Error(where, "\"" + name + "\" is taken", "choose another spec.id");
}

void Registry::add(const Spec& spec, DynamicsFactory<float> in_float, DynamicsFactory<double> in_double) {
  check_new("Registry::add", spec.id);
  entries_.emplace(spec.id, Entry{spec, std::move(in_float), std::move(in_double)});
}

void Registry::add_absent(const std::string& name, const std::string& what, const std::string& cure) {
  check_new("Registry::add_absent", name);
  absent_.emplace(name, Absent{what, cure});
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

const Registry::Entry& Registry::find(const std::string& name) const {
  const auto entry = entries_.find(name);
  if (entry != entries_.end()) return entry->second;
  const auto lacking = absent_.find(name);
  if (lacking != absent_.end()) throw Error(name, lacking->second.what, lacking->second.cure);
  require(!entries_.empty(), "env", "the registry is empty", "begin with Registry::builtin()");
  std::string all;
  for (const auto& [known, unused] : entries_) all += (all.empty() ? "" : ", ") + known;
  throw Error("env", "there is no environment \"" + name + "\"", did_you_mean(name, names()) + "There are " + all);
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
