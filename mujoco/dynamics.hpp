#pragma once
#include <array>
#include <vector>

#include "../env/dynamics.hpp"
#include "simulation.hpp"

namespace pigrad {

/// Copies of a task in MuJoCo, one simulation each on one shared model. MuJoCo computes in double whatever T is; T is
/// what observations, rewards and actions are rounded to. A step allocates nothing. `Task` has
///
///     static constexpr int observation_size, action_size, frames;
///     static const char* model();                                         // MJCF
///     static void start(const Draws&, double* qpos, double* qvel);
///     static Outcome<double> outcome(const MujocoScene&);                 // after a step
///     static void observe(const MujocoScene&, double* obs);               // [observation_size]
///     static Spec spec();
///
/// A copy's state is MujocoSimulation's: it begins with qpos, then qvel.
template <class Task, class T>
class MujocoDynamics final : public Dynamics<T> {
 public:
  explicit MujocoDynamics(int copies) {
    const auto model = std::make_shared<const MujocoModel>(Task::spec().id.c_str(), Task::model());
    simulations_.reserve(static_cast<std::size_t>(copies));
    for (int c = 0; c < copies; ++c) simulations_.emplace_back(model);
  }

  int observation_size() const override { return Task::observation_size; }
  int state_size() const override { return simulations_.front().state_size(); }
  int copies_a_thread() const override { return 1; }

  void reset(int copy, const Draws& draws) override {
    std::array<double, Task::positions> qpos;
    std::array<double, Task::velocities> qvel;
    Task::start(draws, qpos.data(), qvel.data());
    of(copy).reset(qpos.data(), qvel.data());
  }

  void step(int begin, int end, const Actions<T>& actions, T* reward, std::uint8_t* terminated) override {
    for (int c = begin; c < end; ++c) {
      double controls[Task::action_size];
      for (int a = 0; a < Task::action_size; ++a) controls[a] = static_cast<double>(actions.panel[a * actions.ld + c]);
      const bool sound = of(c).step(controls, Task::frames);
      const Outcome<double> outcome = Task::outcome(of(c).scene());
      reward[c] = static_cast<T>(outcome.reward);
      terminated[c] = outcome.terminated || !sound ? 1 : 0;
    }
  }

  void observe(int begin, int end, T* obs, std::ptrdiff_t ld) const override {
    for (int c = begin; c < end; ++c) {
      double seen[Task::observation_size];
      Task::observe(of(c).scene(), seen);
      for (int f = 0; f < Task::observation_size; ++f) obs[f * ld + c] = static_cast<T>(seen[f]);
    }
  }

  void get_state(int copy, double* state) const override { of(copy).get_state(state); }
  void set_state(int copy, const double* state) override { of(copy).set_state(state); }

 private:
  MujocoSimulation& of(int copy) { return simulations_[static_cast<std::size_t>(copy)]; }
  const MujocoSimulation& of(int copy) const { return simulations_[static_cast<std::size_t>(copy)]; }

  std::vector<MujocoSimulation> simulations_;
};

}  // namespace pigrad
