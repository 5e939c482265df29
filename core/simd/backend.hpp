#pragma once
#include <vector>

#include "../backend.hpp"

namespace pigrad::simd {

/// The vectorised backends that this processor can run, slowest first: "avx2", "avx512"; none on other machines.
template <class T>
std::vector<Backend<T>> backends();

}  // namespace pigrad::simd
