#pragma once
#include <cstddef>
#include <vector>

#include "backend.hpp"
#include "program.hpp"

namespace pigrad {

/// Where the values and adjoints of a program's nodes lie, and in which order kernels run. Built once for a workspace.
/// Offsets count scalars. Batch panels are [columns × ld] with ld the block's; fixed tensors have their own ld.
class Plan {
 public:
  static constexpr std::ptrdiff_t none = -1;
  static constexpr int row_multiple = 16;  ///< panels are padded to whole vectors of any instruction set

  struct Step {
    int node = -1;
    int inner = -1;        ///< the node that a fused kernel swallowed
    bool through = false;  ///< operand 0 is a fused activation: this step's vjp writes that step's inner adjoint
    bool ready = false;    ///< this step's inner adjoint was written so
    int before = -1;       ///< the fused step of this sequence that a kernel for both may run with this one
    int rows = 0;          ///< what its kernels run over: a fixed tensor's rows, or batch_rows for the block's
    bool fresh[3] = {};
    bool clear[3] = {};  ///< the run zeroes this operand's adjoint before the vjp, which adds
  };
  struct Pairs {
    int inputs, outputs;
  };
  struct Sequence {
    std::vector<Step> forward;   ///< topological order
    std::vector<Step> backward;  ///< reverse order, only nodes that want an adjoint
  };

  /// @param fused_by asks whether the kernels of node `second` may swallow node `first`; null for none
  /// @param loss_only leaves out the kernels that the loss does not depend on
  /// @param in_place an affine step of at most so many outputs may write the inner adjoint of the activation before it
  /// over that activation's values
  /// @param pairs two layers of at most so many inputs and outputs may go together
  Plan(const Program& program, bool (*fused_by)(const void* context, const Op& first, const Op& second),
       const void* context, bool loss_only = false, int in_place = 0, Pairs pairs = {0, 0});

  Sequence prologue, rows, epilogue;
  std::vector<std::ptrdiff_t> value;    ///< batch: panel columns before it in a block; fixed: offset in the fixed arena
  std::vector<std::ptrdiff_t> bar;      ///< the same for adjoints: block, reduced arena or shard buffer
  std::vector<std::ptrdiff_t> partial;  ///< over-batch reductions: offset of their sums in the shard buffer
  std::ptrdiff_t block_columns = 0;     ///< panel columns of one block, values and adjoints
  std::ptrdiff_t fixed_size = 0, reduced_size = 0, shard_size = 0;
  /// The parameters from the first to the last that wants an adjoint.
  ParameterRange wanted;
  std::vector<int> reductions;  ///< over-batch reductions in order
  std::vector<int> index_nodes;

  static int fixed_ld(const Shape& shape) { return (shape.rows + row_multiple - 1) / row_multiple * row_multiple; }
};

}  // namespace pigrad
