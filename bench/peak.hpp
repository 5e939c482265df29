#pragma once
#include <string>

namespace pigrad::bench {

/// Runs `count` (a multiple of 4) groups of independent fused multiply-adds in that backend's registers ("avx2",
/// "avx512"). Returns the floating-point operations done.
template <class T>
double fma_groups(const std::string& backend, long count);

}  // namespace pigrad::bench
