#include "hessian_product.hpp"

namespace pigrad {

template <class T>
HessianProduct<T>::HessianProduct(const Program& program, const std::string& backend)
    : workspace_(program, backend), gradient_(static_cast<std::size_t>(program.parameters().size())) {}

template <class T>
T HessianProduct<T>::operator()(Bindings<T>& bindings, const T* at, const T* v, T* product, int threads, Group* group) {
  bindings.parameters(at, v);
  RunOptions options;
  options.threads = threads;
  options.group = group;
  return workspace_.run(bindings, Sink<T>::sum(gradient_.data(), product), options).loss;
}

template class HessianProduct<float>;
template class HessianProduct<double>;

}  // namespace pigrad
