#pragma once
#include <pigrad/env/pendulum.hpp>
#include <pigrad/env/registry.hpp>

namespace pigrad::bench {

/// Pendulum-v1 with actions within ±1, the torque's share of its most, as RLtools has it: there a policy's mean and
/// spread of 1 are 2 N m.
struct ScaledPendulum : Pendulum {
  template <class T>
  static Outcome<T> step(const Params<T>& p, State<T>& s, const T* action) {
    const T torque = p.max_torque * action[0];
    return Pendulum::step(p, s, &torque);
  }

  static Spec spec() {
    Spec spec = Pendulum::spec();
    spec.id = "ScaledPendulum-v1";
    spec.action = Space::box(1, -1, 1);
    return spec;
  }
};

/// The library's environments, and the one above.
inline Registry bench_environments() {
  Registry registry = Registry::builtin();
  registry.add<ScaledPendulum>(ScaledPendulum::spec());
  return registry;
}

}  // namespace pigrad::bench
