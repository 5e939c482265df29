#include "backend.hpp"

#include <cstdlib>
#include <utility>

#include "error.hpp"
#include "reference.hpp"
#include "simd/backend.hpp"

namespace pigrad {

template <class T>
KernelPair<T> Backend<T>::kernels(const Op& op) const {
  for (const Entry& e : ops)
    if (e.op == &op) return e.kernels;
  return std::get<KernelPair<T>>(op.kernels);
}

template <class T>
const typename Backend<T>::Fusion* Backend<T>::fusion(const Op& first, const Op& second) const {
  for (const Fusion& f : fusions)
    if (f.first == &first && f.second == &second) return &f;
  return nullptr;
}

template struct Backend<float>;
template struct Backend<double>;

namespace {

template <class T>
std::vector<Backend<T>> available() {
  std::vector<Backend<T>> all;
  all.push_back({.name = "reference", .matrix = reference_matrix<T>(), .optimisers = reference_optimisers<T>()});
  for (Backend<T>& b : simd::backends<T>()) all.push_back(std::move(b));
  return all;
}

template <class T>
const std::vector<Backend<T>>& backends() {
  static const std::vector<Backend<T>> all = available<T>();
  return all;
}

}  // namespace

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const auto& b : backends<float>()) names.emplace_back(b.name);
  return names;
}

template <class T>
const Backend<T>& find_backend(const std::string& name) {
  std::string wanted = name;
  if (wanted.empty())
    if (const char* forced = std::getenv("PIGRAD_ISA")) wanted = forced;
  if (wanted.empty()) return backends<T>().back();
  std::string names;
  for (const Backend<T>& b : backends<T>()) {
    if (wanted == b.name) return b;
    names += (names.empty() ? "" : ", ") + std::string(b.name);
  }
  throw Error(name.empty() ? "PIGRAD_ISA" : "backend", "'" + wanted + "' does not run on this processor",
              "use one of: " + names);
}

template const Backend<float>& find_backend<float>(const std::string&);
template const Backend<double>& find_backend<double>(const std::string&);

}  // namespace pigrad
