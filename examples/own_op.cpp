// An op of your own: the equation, its derivative and examples of it; the judge then says whether they agree.
#include <cmath>
#include <cstdio>
#include <pigrad/core/ops.hpp>
#include <pigrad/lab/check.hpp>

// y = x σ(x), element by element. x̄ += ȳ (σ + y (1 − σ)). → 0 at −∞, → x at +∞.
struct Silu : pigrad::Unary<Silu> {
  static constexpr const char* name = "silu";
  template <class S>
  static S sigma(S x) {
    using std::exp;
    return S(1) / (S(1) + exp(-x));
  }
  template <class S>
  static S value(S x, const pigrad::Attributes&) {
    return x * sigma(x);
  }
  template <class S>
  static S partial(S x, S y, const pigrad::Attributes&) {
    const S s = sigma(x);
    return s + y * (S(1) - s);
  }
  static std::vector<pigrad::OpCase> cases();
};

pigrad::Tensor silu(const pigrad::Tensor& x) { return pigrad::record<Silu>({x}); }
std::vector<pigrad::OpCase> Silu::cases() { return cases_in(-4, 4, &silu); }

int main() {
  for (const pigrad::OpCase& example : pigrad::op_of<Silu>().cases()) {
    const pigrad::CheckReport report = pigrad::check_gradient(example);
    std::printf("%s: worst relative error %.1e of %d\n", example.what.c_str(), report.worst, report.compared);
    if (!report.ok) return 1;
  }
}
