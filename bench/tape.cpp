#include <cstdio>
#include <exception>

#include "eigen_update.hpp"
#include "harness.hpp"
#include "kernel_update.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

template <class T>
constexpr const char* scalar_name = sizeof(T) == sizeof(float) ? "float" : "double";
template <class T>
constexpr double tolerance = sizeof(T) == sizeof(float) ? 1e-5 : 1e-11;

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

/// The three of a case: the tape, its kernels without it, Eigen.
template <class T>
struct Field {
  Field(const UpdateModel& model, int rows)
      : data(rows), tape(model, data.view()), kernels(model, data.view()), eigen(model, data.view()) {}

  UpdateData<T> data;
  TapeUpdate<T> tape;
  KernelUpdate<T> kernels;
  EigenUpdate<T> eigen;
};

template <class T>
bool check(const UpdateModel& model, int rows) {
  Field<T> f(model, rows);
  const std::string what = std::string(scalar_name<T>) + " " + std::to_string(rows);
  const bool first = agree<T>(what + ", tape and Eigen", model.layout, f.eigen, f.tape, tolerance<T>);
  return agree<T>(what + ", kernels and Eigen", model.layout, f.eigen, f.kernels, tolerance<T>) && first;
}

template <class T>
void race(const UpdateModel& model, int rows, const Arguments& arguments, Report& report) {
  Field<T> f(model, rows);
  const auto contender = [](const char* name, Update<T>& update) {
    return Contender{name, [&] { update.reset(); }, [&] { update.step(); }};
  };
  auto samples = interleave(
      {contender("tape", f.tape), contender("kernels by hand", f.kernels), contender("Eigen", f.eigen)}, arguments);
  for (auto& row : samples)
    for (double& s : row) s *= 1e6;
  report.add(
      {std::string(scalar_name<T>) + " " + std::to_string(rows), {"tape", "kernels by hand", "Eigen"}, samples, 2});
}

int compare_all(const Arguments& arguments) {
  const UpdateModel model;
  bool same = true;
  for (const int rows : arguments.sizes) {
    same = check<float>(model, rows) && same;
    same = check<double>(model, rows) && same;
  }
  if (!same) {
    std::fprintf(stderr, "bench: the contenders do not compute the same, so nothing is timed\n");
    return 1;
  }
  if (arguments.parity) return 0;
  Report report("tape", arguments, "µs an update", 1);
  report.fact("backend", find_backend<float>().name);
  report.fact("Eigen", "chunks of 128 samples, -O3 -march=native, one thread");
  report.fact("update", "actor 4-64-64-2 and critic 4-64-64-1, tanh, A2C loss, forward + backward + Adam");
  for (const int rows : arguments.sizes) race<float>(model, rows, arguments, report);
  for (const int rows : arguments.sizes) race<double>(model, rows, arguments, report);
  report.finish();
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  return compare_all(Arguments::parse(argc, argv, {16, 64, 400, 2048, 4096}));
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
