#pragma once
#include <cstddef>
#include <memory>
#include <string>

namespace pigrad {

/// Layers with more than so many inputs and outputs are multiplied by cuBLAS, narrower ones by cuda/product.cuh. Not
/// measured: `bench_gpu --products` times both.
inline constexpr int widest_own_product = 256;

/// C = A B, or C += A B: C [m×n], A [m×k], B [k×n], as BLAS has them: entry (i, j) of X at x[i + j·ldx], or, where X is
/// transposed, at x[j + i·ldx].
template <class T>
struct Gemm {
  int m = 0, n = 0, k = 0;
  const T* a = nullptr;
  int lda = 0;
  bool a_transposed = false;
  const T* b = nullptr;
  int ldb = 0;
  bool b_transposed = false;
  T* c = nullptr;
  int ldc = 0;
  bool accumulate = false;
};

/// A library's matrix products, in launch order with the kernels. Float is float: no TF32. The same call gives the same
/// bits on one kind of device; an entry's may depend on the sizes.
class Blas {
 public:
  virtual ~Blas() = default;
  virtual void multiply(const Gemm<float>& call) = 0;
  virtual void multiply(const Gemm<double>& call) = 0;

 protected:
  Blas() = default;
};

/// cuBLAS, found when this is called: null where there is none, or the build had no headers of it.
/// @param workspace device memory for it, used by nobody else while a product runs; outlives it
/// Throws Error where cuBLAS is there and does not start.
std::unique_ptr<Blas> make_blas(void* workspace, std::size_t bytes);

/// "cuBLAS 13", or "no cuBLAS" and why.
std::string describe_blas();

}  // namespace pigrad
