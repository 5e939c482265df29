#include "simulation.hpp"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <mutex>
#include <string>

#include "../core/error.hpp"

namespace pigrad {
namespace {

// A text as a file of MuJoCo's virtual file system, which is too large for a stack.
class Files {
 public:
  explicit Files(const char* text) : files_(std::make_unique<mjVFS>()) {
    mj_defaultVFS(files_.get());
    const int size = static_cast<int>(std::strlen(text));
#ifdef PIGRAD_MUJOCO_BUFFER_VFS
    mj_addBufferVFS(files_.get(), name, text, size);
#else
    mj_makeEmptyFileVFS(files_.get(), name, size);
    std::memcpy(files_->filedata[0], text, static_cast<std::size_t>(size));
#endif
  }
  ~Files() { mj_deleteVFS(files_.get()); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  static constexpr const char* name = "model.xml";
  const mjVFS* get() const { return files_.get(); }

 private:
  std::unique_ptr<mjVFS> files_;
};

mjModel* compile(const char* name, const char* text) {
  if (mj_version() != mjVERSION_HEADER)
    throw Error(name,
                "built with the headers of MuJoCo " + std::to_string(mjVERSION_HEADER) + " but run with " +
                    std::to_string(mj_version()),
                "build again, or let the loader find the MuJoCo that it was built with");
  // MuJoCo keeps the last text that it compiled for the whole process.
  static std::mutex one_at_a_time;
  const std::lock_guard<std::mutex> lock(one_at_a_time);
  const Files files(text);
  char words[500] = "";
  mjModel* model = mj_loadXML(Files::name, files.get(), words, sizeof words);
  mj_freeLastXML();
  std::replace(std::begin(words), std::end(words), '\n', ' ');
  if (!model) throw Error(name, std::string("MuJoCo refuses the model: ") + words, "mend its text");
  return model;
}

bool within(const double* values, int count) {
  return std::all_of(values, values + count, [](double v) { return std::abs(v) <= mjMAXVAL; });
}

}  // namespace

MujocoModel::MujocoModel(const char* name, const char* text) : model_(compile(name, text), &mj_deleteModel) {
  require(model_->na == 0 && model_->nmocap == 0 && model_->nuserdata == 0, name,
          "the model has activations, mocap bodies or user data, which a simulation's state does not hold",
          "add them to MujocoSimulation's state");
}

int MujocoModel::positions() const { return static_cast<int>(model_->nq); }
int MujocoModel::velocities() const { return static_cast<int>(model_->nv); }

MujocoSimulation::MujocoSimulation(std::shared_ptr<const MujocoModel> model)
    : model_(std::move(model)), data_(mj_makeData(model_->get()), &mj_deleteData) {
  require(data_ != nullptr, "MujocoSimulation", "MuJoCo has no memory for a simulation", "use fewer copies");
}

int MujocoSimulation::state_size() const { return model_->positions() + 3 * model_->velocities() + 1; }

void MujocoSimulation::reset(const double* qpos, const double* qvel) {
  mj_resetData(model_->get(), data_.get());
  std::copy_n(qpos, model_->positions(), data_->qpos);
  std::copy_n(qvel, model_->velocities(), data_->qvel);
  mj_forward(model_->get(), data_.get());
}

bool MujocoSimulation::sound() const {
  return within(data_->qpos, model_->positions()) && within(data_->qvel, model_->velocities()) &&
         data_->warning[mjWARN_BADQACC].number == 0;
}

bool MujocoSimulation::step(const double* controls, int frames) {
  std::copy_n(controls, model_->get()->nu, data_->ctrl);
  for (int k = 0; k < frames && sound(); ++k) mj_step(model_->get(), data_.get());
  return sound();
}

MujocoScene MujocoSimulation::scene() const {
  return {data_->qpos, data_->qvel, data_->qfrc_constraint, data_->site_xpos};
}

void MujocoSimulation::get_state(double* state) const {
  const int nv = model_->velocities();
  state = std::copy_n(data_->qpos, model_->positions(), state);
  state = std::copy_n(data_->qvel, nv, state);
  state = std::copy_n(data_->qacc_warmstart, nv, state);
  state = std::copy_n(data_->qfrc_constraint, nv, state);
  *state = data_->time;
}

void MujocoSimulation::set_state(const double* state) {
  const auto take = [&state](double* to, int count) {
    std::copy_n(state, count, to);
    state += count;
  };
  take(data_->qpos, model_->positions());
  for (double* to : {data_->qvel, data_->qacc_warmstart, data_->qfrc_constraint}) take(to, model_->velocities());
  data_->time = *state;
  data_->warning[mjWARN_BADQACC].number = 0;
}

}  // namespace pigrad
