#pragma once
#include <string>

namespace pigrad::bench {

/// Runs `count` groups of independent fused multiply-adds in the widest registers of that backend ("reference" counts
/// as the baseline the library is compiled for). Returns the floating-point operations done.
template <class T>
double fma_groups(const std::string& backend, long count);

}  // namespace pigrad::bench
