#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../core/op.hpp"
#include "../core/workspace.hpp"

namespace pigrad {

/// How hard the gradient judge looks.
struct CheckOptions {
  int rows = 7;             ///< batch size, for examples; programs bring their own
  int entries = 40;         ///< entries of each operand to difference, chosen at random; all if there are no more
  int directions = 2;       ///< random directions for tangents and Hessian-vector products
  double tolerance = 1e-7;  ///< largest relative error that passes
  bool second_order = true;
  std::uint64_t seed = 1;
  std::string backend;  ///< of the gradient under test; see find_backend
};

/// The judge's verdict.
struct CheckReport {
  bool ok = true;
  double worst = 0;   ///< largest relative error; infinite if something was not finite
  std::string where;  ///< the entry that has it, e.g. "w [2,1]" or "operand 0 [17,2]"
  std::string words;  ///< one line: what was compared there, and both values
  int compared = 0;   ///< how many numbers were
};

/// Judges one op, layer or loss: any function of tensors, given with the shapes and ranges of its operands.
/// In double precision, with the loss Σ y∘c for a random cotangent c (a plain sum would miss errors that cancel, as
/// softmax's do). Batch operands are inputs whose adjoints are kept, fixed ones parameters. Compares
///  - every adjoint with central differences of fourth order,
///  - the gradient's product with random directions with the forward tangent of the loss,
///  - Hessian-vector products (dual over reverse) with differences of gradients.
/// An error is |a − b| / max(|a|, |b|, floor), the floor being 1/1000 of that operand's largest adjoint; NaN never
/// passes. Differences are retried with smaller steps, so that a kink nearby does not count against a right adjoint.
/// Throws what `example.record` throws.
CheckReport check_gradient(const OpCase& example, const CheckOptions& options = {});

/// Judges the whole gradient of a recorded loss in its parameters, by the same comparisons.
/// @param bindings   inputs, order and rows as for Workspace<double>::run; its parameters are not looked at
/// @param parameters where to judge [P]
CheckReport check_gradient(const Program& program, const Bindings<double>& bindings,
                           const std::vector<double>& parameters, const CheckOptions& options = {});

}  // namespace pigrad
