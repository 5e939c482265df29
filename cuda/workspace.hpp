#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../core/plan.hpp"
#include "blas.hpp"
#include "device.hpp"
#include "group_sum.hpp"
#include "kernels.hpp"

namespace pigrad {

/// Values and adjoints of a program in device memory, all rows in one block: what Workspace is on the CPU. The memory
/// is taken once, for a number of rows.
template <class T>
class DeviceWorkspace {
 public:
  /// @param program outlives the workspace
  /// Throws Error for an op that the device has no kernel for, naming it, and where the memory is not to be had.
  DeviceWorkspace(const Program& program, int most_rows);
  /// Device memory that one of so many rows takes.
  static std::size_t bytes(const Program& program, int most_rows);

  /// Everything below is a pointer to device memory. The parameter vector:
  void parameters(const T* values) { parameters_ = values; }
  /// Input `slot` (Program::input): element (row, column) at data[row + column·column_stride].
  void input(int slot, const T* data, std::ptrdiff_t column_stride);
  void index(int slot, const std::int32_t* data);
  /// Row i of the run reads row order[i] of every batch input; null means row i.
  void order(const std::int32_t* rows) { order_ = rows; }
  /// Throws Error unless it is from 1 to the most.
  void rows(int count) { rows(count, count); }
  /// The rows of this rank, which may be none, of `all` that a group's ranks run at once.
  void rows(int count, int all);
  /// From now on reductions, what follows from them, and gradients are over all ranks' rows. Not for programs that mix
  /// rows.
  /// @param group outlives the workspace
  void share(DeviceGroup& group);
  static std::size_t bytes_of_sharing(const Program& program, int ranks);

  /// Forward, and, into a gradient [P] that is not null, backward: it is written where a parameter wants one and left
  /// alone elsewhere. Returns before the device is done.
  void run(T* gradient = nullptr);

  /// A node's value: a batch tensor's column c of row r at data[c·column_stride + r], or a fixed one's.
  View<T> value(int node) const;
  View<T> output(const std::string& name) const;
  const T* loss() const { return value(program_->loss()).data; }
  const Program& program() const { return *program_; }

 private:
  struct Bound {
    const T* data = nullptr;
    std::ptrdiff_t column_stride = 0;
    const std::int32_t* index = nullptr;
  };
  Panel<T> value_panel(int node) const;
  Panel<T> bar_panel(int node, T* gradient) const;
  double scale(const Node& node) const;
  DeviceCall<T> call(const Plan::Step& step, T* gradient, bool vjp) const;
  void load();
  void find_gradient(T* gradient);
  void add_up_ranks(T* gradient);
  void forward(const Plan::Sequence& sequence);
  void backward(const Plan::Sequence& sequence, T* gradient);

  const Program* program_;
  Plan plan_;
  struct Kernels {
    DeviceKernel<T> forward = nullptr, vjp = nullptr;
  };
  std::vector<Kernels> kernels_;  ///< [nodes], those of a fusion where its activation stands
  int most_rows_, rows_ = 0, all_rows_ = 0;
  std::ptrdiff_t ld_;
  DeviceArray<T> batch_, fixed_, bars_, scratch_;  ///< bars_: of fixed tensors, those after reductions first
  DeviceArray<std::int32_t> index_;
  std::unique_ptr<Blas> blas_;                ///< null where no layer is wide, or there is none
  std::unique_ptr<DeviceGroupSum<T>> ranks_;  ///< null: one alone
  bool leads_ = true;
  const T* parameters_ = nullptr;
  const std::int32_t* order_ = nullptr;
  std::vector<Bound> bound_;  ///< [inputs]
};

extern template class DeviceWorkspace<float>;
extern template class DeviceWorkspace<double>;

}  // namespace pigrad
