#include "eigen_update.hpp"
#include "kernel_update.hpp"
#include "update_race.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

template <class T>
class EigenUpdate final : public Update<T> {
 public:
  EigenUpdate(const UpdateModel& model, const UpdateView<T>& data) : start_(model.initial<T>()), data_(data) {
    reset();
  }
  void reset() override { by_hand_.reset(start_.data()); }
  void gradient(T* out) override { std::copy_n(by_hand_.gradient(data_), start_.size(), out); }
  void parameters(T* out) const override { std::copy_n(by_hand_.parameters(), start_.size(), out); }
  void step() override { by_hand_.step(data_); }

 private:
  std::vector<T> start_;
  UpdateView<T> data_;
  EigenUpdateByHand<T> by_hand_;
};

template <class T>
struct Field {
  Field(const UpdateModel& model, int rows)
      : data(rows), tape(model, data.view()), kernels(model, data.view()), eigen(model, data.view()) {}

  static constexpr std::size_t truth = 2, base = 2;
  std::vector<std::pair<const char*, Update<T>*>> contenders() {
    return {{"tape", &tape}, {"kernels by hand", &kernels}, {"Eigen", &eigen}};
  }

  UpdateData<T> data;
  TapeUpdate<T> tape;
  KernelUpdate<T> kernels;
  EigenUpdate<T> eigen;
};

UpdateRace<Field>::Facts facts() {
  return {{"backend", find_backend<float>().name}, {"Eigen", "chunks of 128 samples, -O3 -march=native, one thread"}};
}

}  // namespace

int main(int argc, char** argv) { return UpdateRace<Field>::main(argc, argv, "tape", &facts); }
