#include "registry.hpp"

#include "../core/error.hpp"
#include "../core/nearest.hpp"

namespace pigrad {

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
