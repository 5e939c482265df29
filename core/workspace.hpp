#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "group.hpp"
#include "program.hpp"

namespace pigrad {

/// What a program's inputs, outputs and parameters are in one run: views on the caller's memory, nothing owned.
/// Made once for a program and rebound without allocation.
template <class T>
class Bindings {
 public:
  explicit Bindings(const Program& program);

  /// The parameter vector, laid out as the program's; tangents (for dual runs) may be null, which means 0.
  void parameters(const T* values, const T* tangents = nullptr);
  /// The same with a version, which lets forward runs of a few rows keep weights packed until it changes: faster, to
  /// the same bits. Whoever writes to the vector calls touch().
  void parameters(const Parameters<T>& vector);
  /// Input `slot` (Program::input): element (row, column) is data[row·row_stride + column·column_stride].
  void input(int slot, const T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride = 1);
  void input(const std::string& name, const T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride = 1);
  /// An input's tangents (for dual runs), laid out as its data and read in the same order of rows. Null, as at the
  /// start, means 0.
  void input_tangent(int slot, const T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride = 1);
  void input_tangent(const std::string& name, const T* data, std::ptrdiff_t column_stride,
                     std::ptrdiff_t row_stride = 1);
  void index(int slot, const std::int32_t* data, std::ptrdiff_t row_stride = 1);
  void index(const std::string& name, const std::int32_t* data, std::ptrdiff_t row_stride = 1);
  /// Where to copy output `slot` (Program::output), row i of the run to row i; null drops it.
  void output(int slot, T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride = 1);
  void output(const std::string& name, T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride = 1);
  /// Where to copy the value of batch node `node` [B×C], row i of the run to row i; null drops it. The node is one that
  /// Workspace::holds.
  void value_out(int node, T* data, std::ptrdiff_t column_stride);
  /// The value of batch node `node`, row i at data[i + column·column_stride], bit for bit as the run would compute it,
  /// which then need not: runs of reals that neither keep nor check take it from there. Null forgets it.
  void known_value(int node, const T* data, std::ptrdiff_t column_stride);
  /// Row i of the run reads row order[i] of every batch input and known value (a shuffled minibatch); null means row i.
  void order(const std::int32_t* rows) { order_ = rows; }
  /// Rows of the batch in this run.
  void rows(int count) { rows_ = count; }

 private:
  template <class S>
  friend class Workspace;
  struct IndexView {
    const std::int32_t* data = nullptr;
    std::ptrdiff_t row_stride = 1;
  };
  int real_slot(const std::string& name, const char* cure) const;

  const Program* program_;
  const T* parameters_ = nullptr;
  const T* tangents_ = nullptr;
  std::uint64_t version_ = 0;
  const std::int32_t* order_ = nullptr;
  int rows_ = 0;
  std::vector<View<const T>> inputs_, input_tangents_;
  std::vector<IndexView> indices_;
  std::vector<View<T>> outputs_;
  template <class U>
  struct NodeView {
    int node;
    View<U> view;
  };
  std::vector<NodeView<T>> values_out_;
  std::vector<NodeView<const T>> known_;
};

/// Where gradients go. P is the size of the parameter vector, B the rows of the run; sample i's own gradient gᵢ is its
/// part of the loss's gradient, so that Σᵢ gᵢ is the whole.
template <class T>
struct Sink {
  enum class Kind { none, sum, norm, dot, rows };
  Kind kind = Kind::none;
  T* out = nullptr;
  T* tangent = nullptr;
  const T* vector = nullptr;

  /// Forward only.
  static Sink none() { return {}; }
  /// The whole gradient [P]; in dual runs its derivative along the tangents too: a Hessian-vector product [P].
  static Sink sum(T* gradient, T* tangent = nullptr) { return {Kind::sum, gradient, tangent, nullptr}; }
  /// ‖gᵢ‖ of each sample [B].
  static Sink norm(T* norms) { return {Kind::norm, norms, nullptr, nullptr}; }
  /// gᵢ · v of each sample [B], with v [P].
  static Sink dot(const T* v, T* products) { return {Kind::dot, products, nullptr, v}; }
  /// Every gᵢ in full [B×P], row-major.
  static Sink rows(T* gradients) { return {Kind::rows, gradients, nullptr, nullptr}; }
};

struct RunOptions {
  int threads = 1;
  bool keep = false;    ///< retain every value and adjoint, to open with Workspace::value and adjoint; one block then
                        ///< holds all rows, so that sums over them may round otherwise than in a run that keeps nothing
  bool outputs = true;  ///< false where only the loss and its gradient are wanted: outputs that the loss does not
                        ///< depend on keep the values of an earlier run
  bool check =
      false;  ///< throw Error at the first value or adjoint that is not finite, naming node, operands and sample
  /// Processes that make this same call with the same bindings, each for a part of the shards, to the bits of one
  /// alone. Null, per-sample sinks, and runs of one shard, that keep or check: each makes all of it. Of values bound by
  /// Bindings::value_out each process gets its own rows.
  Group* group = nullptr;
};

template <class T>
struct RunResult {
  T loss = 0;
  T tangent = 0;  ///< the loss's derivative along the tangents, in dual runs
};

/// Values and adjoints of a program in scalar S (float, double, Dual<float>, Dual<double>), one block of rows a thread.
/// A steady run (no more rows and threads than an earlier one, with its options and its kind of sink) allocates
/// nothing.
template <class S>
class Workspace {
 public:
  using T = Real<S>;
  static constexpr int block_rows = 96;

  /// @param program outlives the workspace
  /// @param backend see find_backend
  explicit Workspace(const Program& program, const std::string& backend = "");
  ~Workspace();
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;

  /// Forward, and backward into the sink. Blocks of rows are dealt to shards by the number of rows alone and shards add
  /// up in a fixed tree: the bits of every result are the same for any number of threads. Throws Error for missing
  /// bindings, no rows, or a sink that the program cannot serve.
  RunResult<T> run(const Bindings<T>& bindings, const Sink<T>& sink, const RunOptions& options = {});

  /// Whether a run that keeps nothing computes this node's value by itself, and not as a part of a fused kernel.
  bool holds(int node) const;
  /// A fixed tensor's value after a run, element (r, c).
  T fixed(int node, int r = 0, int c = 0) const;
  T fixed_output(const std::string& name) const;
  /// A kept batch tensor [B×C] or a fixed one.
  View<const T> value(int node) const;
  /// A kept adjoint ∂loss/∂node; an empty view where no adjoint flows. Parameters: see the sink.
  View<const T> adjoint(int node) const;
  const char* backend() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs a program once: see Workspace::run.
template <class S>
RunResult<Real<S>> run(Workspace<S>& workspace, const Bindings<Real<S>>& bindings, const Sink<Real<S>>& sink = {},
                       const RunOptions& options = {}) {
  return workspace.run(bindings, sink, options);
}

}  // namespace pigrad
