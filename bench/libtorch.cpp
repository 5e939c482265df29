#include "../core/backend.hpp"
#include "torch_update.hpp"
#include "update_race.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

template <class T>
struct Field {
  Field(const UpdateModel& model, int rows)
      : data(rows),
        tape(model, data.view()),
        frontend(model, data.view(), TorchAdam::frontend),
        fused(model, data.view(), TorchAdam::fused) {}

  static constexpr std::size_t truth = 1, base = 0;
  static std::vector<UpdateKind> kinds() { return {{}, {"Gaussian ", 64, true}, {"256-256 ", 256, false}}; }
  std::vector<std::pair<const char*, Update<T>*>> contenders() {
    return {{"pigrad", &tape}, {"LibTorch", &frontend}, {"LibTorch, fused Adam", &fused}};
  }

  UpdateData<T> data;
  TapeUpdate<T> tape;
  TorchUpdate<T> frontend, fused;
};

UpdateRace<Field>::Facts facts() {
  return {{"LibTorch", settle_torch()},
          {"pigrad", std::string("backend ") + find_backend<float>().name + ", one thread"}};
}

}  // namespace

int main(int argc, char** argv) { return UpdateRace<Field>::main(argc, argv, "libtorch", &facts); }
