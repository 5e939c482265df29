#include "conjugate_gradients.hpp"

#include <cmath>

namespace pigrad {

template <class T>
double inner_product(const std::vector<T>& a, const std::vector<T>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

template <class T>
ConjugateGradientsResult conjugate_gradients(const LinearMap<T>& a, const std::vector<T>& b, std::vector<T>& x,
                                             const ConjugateGradientsOptions& options) {
  x.assign(b.size(), T(0));
  std::vector<T> r = b, p = b, q(b.size());
  const double size = inner_product(b, b);
  double rr = size;
  ConjugateGradientsResult result;
  const double enough = options.tolerance * options.tolerance * size;
  while (result.iterations < options.iterations && rr > enough) {
    a(p.data(), q.data());
    const double curvature = inner_product(p, q);
    if (!(curvature > 0)) {
      result.indefinite = true;
      break;
    }
    const T alpha = static_cast<T>(rr / curvature);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] += alpha * p[i];
      r[i] -= alpha * q[i];
    }
    const double next = inner_product(r, r);
    const T beta = static_cast<T>(next / rr);
    for (std::size_t i = 0; i < x.size(); ++i) p[i] = r[i] + beta * p[i];
    rr = next;
    ++result.iterations;
  }
  result.residual = size > 0 ? std::sqrt(rr / size) : 0;
  return result;
}

#define PIGRAD_INSTANTIATE(T)                                                                                        \
  template double inner_product(const std::vector<T>&, const std::vector<T>&);                                       \
  template ConjugateGradientsResult conjugate_gradients(const LinearMap<T>&, const std::vector<T>&, std::vector<T>&, \
                                                        const ConjugateGradientsOptions&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
