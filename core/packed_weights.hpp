#pragma once
#include "aligned.hpp"
#include "backend.hpp"
#include "program.hpp"

namespace pigrad {

/// Weights of a program's affine layers packed for runs of a few rows, kept while the parameters keep their version.
template <class T>
class PackedWeights {
 public:
  PackedWeights(const Program& program, const Backend<T>& backend);

  /// Packs if that pays: few rows, and a version that has served before or is like to serve again, as the last did.
  /// @param version of the parameters; 0: not known, so that nothing can be kept
  /// @return whether the next run goes through packed weights
  bool ready(int rows, const T* parameters, std::uint64_t version);
  /// An affine's weight after ready() said yes; null for other nodes.
  const T* of(int node) const {
    return at_[static_cast<std::size_t>(node)] < 0 ? nullptr : packed_.data() + at_[static_cast<std::size_t>(node)];
  }

 private:
  struct Layer {
    int slot, k, n;
    std::ptrdiff_t at;
  };
  bool holds(const T* parameters) const;

  const Backend<T>* backend_;
  std::vector<Layer> layers_;
  std::vector<std::ptrdiff_t> at_;
  std::ptrdiff_t size_ = 0;
  Aligned<T> packed_;
  const T* from_ = nullptr;
  std::uint64_t version_ = 0, seen_ = 0;
  int served_ = 0, served_before_ = 0;
};

}  // namespace pigrad
