#pragma once
#include <memory>

struct mjModel_;
struct mjData_;

namespace pigrad {

/// A model that MuJoCo compiled: read by every simulation of it, from any thread, and never written.
class MujocoModel {
 public:
  /// Compiles MJCF text that refers to no file. Throws Error, with MuJoCo's words, if it is wrong, or if this program's
  /// MuJoCo is not the one whose headers it was built with.
  /// @param name of the environment, for the error
  MujocoModel(const char* name, const char* text);

  int positions() const;   ///< nq
  int velocities() const;  ///< nv
  const mjModel_* get() const { return model_.get(); }

 private:
  std::unique_ptr<mjModel_, void (*)(mjModel_*)> model_;
};

/// What MuJoCo holds of one simulation, for a task to look at. Positions and velocities are those after the last step;
/// the forces and sites are those of the last evaluation inside it (see MujocoSimulation::step).
struct MujocoScene {
  const double* qpos;             ///< [nq]
  const double* qvel;             ///< [nv]
  const double* qfrc_constraint;  ///< [nv]: what limits press with, N or N·m
  const double* site;             ///< [3 × sites]: places in the world, m
};

/// One simulation: MuJoCo's data of one copy.
///
/// State, in this order: qpos[nq], qvel[nv], the acceleration that the solver starts from (qacc_warmstart[nv]),
/// qfrc_constraint[nv], time (s). The first three and the time are all that MuJoCo integrates; the forces are kept
/// because observations show them, and they are those of the last evaluation, which qpos and qvel do not give back.
/// Controls are set before each step and nothing else is applied, so the future depends on nothing more.
class MujocoSimulation {
 public:
  explicit MujocoSimulation(std::shared_ptr<const MujocoModel> model);

  int state_size() const;
  /// At time 0 from there, whatever came before; forces and the solver's start are evaluated with controls 0.
  /// qpos [nq], qvel [nv].
  void reset(const double* qpos, const double* qvel);
  /// `frames` steps of the model's time step under the same controls [nu]. Where the integrator is RK4 the scene's
  /// forces and sites are then those of its fourth stage in the last frame, as for everybody who reads them after
  /// mj_step. False if a position, velocity or acceleration is not finite or beyond 1e10: MuJoCo would begin again at
  /// its reference position, so the episode has to end.
  bool step(const double* controls, int frames);
  MujocoScene scene() const;

  void get_state(double* state) const;
  void set_state(const double* state);

 private:
  bool sound() const;

  std::shared_ptr<const MujocoModel> model_;
  std::unique_ptr<mjData_, void (*)(mjData_*)> data_;
};

}  // namespace pigrad
