#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "panel_dynamics.hpp"
#include "vector_env.hpp"

namespace pigrad {

/// Makes the dynamics of so many copies.
template <class T>
using DynamicsFactory = std::function<std::unique_ptr<Dynamics<T>>(int copies)>;

/// Environments by name: a value that whoever wants one holds, copies and adds to.
class Registry {
 public:
  /// Those that come with the library.
  static Registry builtin();

  /// Adds an environment under spec.id. Throws Error if the name is empty or taken.
  void add(const Spec& spec, DynamicsFactory<float> in_float, DynamicsFactory<double> in_double);

  /// Adds one written as pure functions (see PanelDynamics): `registry.add<MyEnv>(spec)`.
  template <class Env>
  void add(const Spec& spec, const typename Env::template Params<double>& params = {}) {
    add(
        spec, [params](int copies) { return std::make_unique<PanelDynamics<Env, float>>(copies, params); },
        [params](int copies) { return std::make_unique<PanelDynamics<Env, double>>(copies, params); });
  }

  /// Says of an environment that this build lacks why, and what to do: asking for it throws Error with these words.
  /// Throws Error if the name is empty or taken.
  void add_absent(const std::string& name, const std::string& what, const std::string& cure);
  struct Absent {
    std::string what, cure;
  };
  const std::map<std::string, Absent>& absent() const { return absent_; }

  bool contains(const std::string& name) const { return entries_.count(name) > 0; }
  /// In alphabetical order.
  std::vector<std::string> names() const;
  /// Throws Error, with the nearest name and all names, if there is none such.
  const Spec& spec(const std::string& name) const;

  /// Copies of an environment, each at its episode 0. T is float or double. Throws Error for an unknown name.
  template <class T>
  std::unique_ptr<VectorEnv<T>> make(const std::string& name, int copies, std::uint64_t seed,
                                     const EnvOptions& options = {}) const;

 private:
  struct Entry {
    Spec spec;
    DynamicsFactory<float> in_float;
    DynamicsFactory<double> in_double;
  };
  const Entry& find(const std::string& name) const;

  void check_new(const char* where, const std::string& name) const;

  std::map<std::string, Entry> entries_;
  std::map<std::string, Absent> absent_;
};

template <>
std::unique_ptr<VectorEnv<float>> Registry::make(const std::string&, int, std::uint64_t, const EnvOptions&) const;
template <>
std::unique_ptr<VectorEnv<double>> Registry::make(const std::string&, int, std::uint64_t, const EnvOptions&) const;

}  // namespace pigrad
