#include <pigrad/cuda/blas.hpp>
#include <pigrad/cuda/launch.cuh>

// cuda/blas.hpp by plain loops, so that what the kernels' callers say of sizes, leading dimensions and transposes is
// judged where there is no cuBLAS.
namespace pigrad {
namespace {

class Loops final : public Blas {
 public:
  void multiply(const Gemm<float>& call) override { run(call); }
  void multiply(const Gemm<double>& call) override { run(call); }

 private:
  template <class T>
  static void run(const Gemm<T>& call) {
    detail::run_in_place_of_device([call] { compute(call); });
  }
  template <class T>
  static void compute(const Gemm<T>& g) {
    const auto entry = [](const T* x, int ld, bool transposed, std::ptrdiff_t i, std::ptrdiff_t j) {
      return transposed ? x[j + i * ld] : x[i + j * ld];
    };
    for (int j = 0; j < g.n; ++j)
      for (int i = 0; i < g.m; ++i) {
        T sum = 0;
        for (int q = 0; q < g.k; ++q)
          sum += entry(g.a, g.lda, g.a_transposed, i, q) * entry(g.b, g.ldb, g.b_transposed, q, j);
        T& to = g.c[i + std::ptrdiff_t{j} * g.ldc];
        to = g.accumulate ? to + sum : sum;
      }
  }
};

}  // namespace

std::unique_ptr<Blas> make_blas(void*, std::size_t) { return std::make_unique<Loops>(); }
std::string describe_blas() { return "loops in cuBLAS's place"; }

}  // namespace pigrad
