#include "blas.hpp"

#ifdef PIGRAD_HAS_CUBLAS
#include <cublas_v2.h>

#include "check.cuh"
#include "library.hpp"
#endif

namespace pigrad {

#ifdef PIGRAD_HAS_CUBLAS
namespace {

/// cuBLAS's functions that are used here.
struct Functions {
  explicit Functions(const Library& library)
      : create(library.function<decltype(cublasCreate_v2)>("cublasCreate_v2")),
        destroy(library.function<decltype(cublasDestroy_v2)>("cublasDestroy_v2")),
        set_stream(library.function<decltype(cublasSetStream_v2)>("cublasSetStream_v2")),
        set_workspace(library.function<decltype(cublasSetWorkspace_v2)>("cublasSetWorkspace_v2")),
        set_math_mode(library.function<decltype(cublasSetMathMode)>("cublasSetMathMode")),
        set_atomics_mode(library.function<decltype(cublasSetAtomicsMode)>("cublasSetAtomicsMode")),
        words(library.function<decltype(cublasGetStatusString)>("cublasGetStatusString")),
        multiply_float(library.function<decltype(cublasSgemm_v2)>("cublasSgemm_v2")),
        multiply_double(library.function<decltype(cublasDgemm_v2)>("cublasDgemm_v2")) {}

  decltype(cublasCreate_v2)* create;
  decltype(cublasDestroy_v2)* destroy;
  decltype(cublasSetStream_v2)* set_stream;
  decltype(cublasSetWorkspace_v2)* set_workspace;
  decltype(cublasSetMathMode)* set_math_mode;
  decltype(cublasSetAtomicsMode)* set_atomics_mode;
  decltype(cublasGetStatusString)* words;
  decltype(cublasSgemm_v2)* multiply_float;
  decltype(cublasDgemm_v2)* multiply_double;
};

/// Every major version has a name of its own, so what is found is what the header describes.
std::string library_name() { return "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR); }

class Cublas final : public Blas {
 public:
  Cublas(const Functions& functions, void* workspace, std::size_t bytes) : call_(functions) {
    check(call_.create(&handle_), "cublasCreate");
    try {
      // The stream first: setting it takes a workspace away again. One of its own makes what is captured in a graph,
      // and every run, use the same algorithms.
      check(call_.set_stream(handle_, device_stream()), "cublasSetStream");
      check(call_.set_workspace(handle_, workspace, bytes), "cublasSetWorkspace");
      check(call_.set_math_mode(handle_, CUBLAS_DEFAULT_MATH), "cublasSetMathMode");
      check(call_.set_atomics_mode(handle_, CUBLAS_ATOMICS_NOT_ALLOWED), "cublasSetAtomicsMode");
    } catch (...) {
      call_.destroy(handle_);
      throw;
    }
  }
  ~Cublas() override { call_.destroy(handle_); }
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  void multiply(const Gemm<float>& g) override { run(call_.multiply_float, g, "cublasSgemm"); }
  void multiply(const Gemm<double>& g) override { run(call_.multiply_double, g, "cublasDgemm"); }

 private:
  template <class F, class T>
  void run(F* gemm, const Gemm<T>& g, const char* where) const {
    const T one = 1, old = g.accumulate ? T(1) : T(0);
    const auto side = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
    check(gemm(handle_, side(g.a_transposed), side(g.b_transposed), g.m, g.n, g.k, &one, g.a, g.lda, g.b, g.ldb, &old,
               g.c, g.ldc),
          where);
  }
  void check(cublasStatus_t status, const char* where) const {
    if (status != CUBLAS_STATUS_SUCCESS)
      throw Error(where, call_.words(status),
                  "see that the device has memory to spare; narrower layers need no cuBLAS");
  }

  Functions call_;
  cublasHandle_t handle_ = nullptr;
};

}  // namespace

std::unique_ptr<Blas> make_blas(void* workspace, std::size_t bytes) {
  const Library library(library_name());
  if (!library) return nullptr;
  return std::make_unique<Cublas>(Functions(library), workspace, bytes);
}

std::string describe_blas() {
  const Library library(library_name());
  if (!library) return "no cuBLAS: " + library.why();
  static_cast<void>(Functions(library));
  return "cuBLAS " + std::to_string(CUBLAS_VER_MAJOR);
}

#else

std::unique_ptr<Blas> make_blas(void*, std::size_t) { return nullptr; }
std::string describe_blas() { return "no cuBLAS: the build found no cublas_v2.h"; }

#endif

}  // namespace pigrad
