#pragma once
#include <string>
#include <vector>

#include "op.hpp"
#include "optimiser_steps.hpp"

namespace pigrad {

/// A table of kernels by (op, scalar). What it lacks, the op's own plain kernels do; `reference` lacks everything but
/// the products and is the truth that the others are tested against.
template <class T>
struct Backend {
  struct Entry {
    const Op* op;
    KernelPair<T> kernels;
  };
  /// One kernel for `second(first(…))`: operands are those of `first`, output and its adjoint those of `second`, and
  /// Call::inner_bar is the adjoint of `first`. The value of `first` is not stored. `through` lets the only consumer of
  /// the output, an affine, write that inner adjoint itself. `pair` are kernels of that affine that run both steps,
  /// where it has at most `pair_outputs` outputs, `first` is an affine of at most `pair_inputs` inputs that want no
  /// adjoint, and the weights are parameters; either may be null.
  struct Fusion {
    const Op* first;
    const Op* second;
    KernelPair<T> kernels;
    InputVjpThrough<T> through = nullptr;
    KernelPair<T> pair = {};
  };
  static constexpr int pair_inputs = 8, pair_outputs = 1;
  const char* name = "";
  MatrixKernels<T> matrix;
  OptimiserKernels<T> optimisers = {};
  /// Up to `few_rows` samples go faster, to the same bits, through weights [n×k] packed into [k × packed_ld(n)].
  void (*pack)(int k, int n, const T* w, T* packed, std::ptrdiff_t ldp) = nullptr;
  int few_rows = 0;
  static std::ptrdiff_t packed_ld(int n) { return (n + 15) / 16 * 16; }
  std::vector<Entry> ops = {};
  std::vector<Fusion> fusions = {};

  KernelPair<T> kernels(const Op& op) const;
  const Fusion* fusion(const Op& first, const Op& second) const;
};

/// "reference", "avx2", "avx512": the backends that this processor can run, slowest first.
std::vector<std::string> backend_names();

/// The backend of that name, or, for "", the one that the environment variable PIGRAD_ISA names, or the fastest.
/// Throws Error, listing the names, if this processor cannot run it.
template <class T>
const Backend<T>& find_backend(const std::string& name = "");

}  // namespace pigrad
