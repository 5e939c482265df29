#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace pigrad {

/// The library's only exception. The message is one line: `where: what; cure`.
class Error : public std::runtime_error {
 public:
  /// @param where the op, setting, file or call that refused, e.g. "affine" or "train.gamma"
  /// @param what  the fact, with shapes or values, e.g. "the input is [B×4] but the weight is [64×5]"
  /// @param cure  what the reader should do, e.g. "give a weight with 4 columns"
  Error(const std::string& where, const std::string& what, const std::string& cure)
      : std::runtime_error(where + ": " + what + "; " + cure) {}
};

/// Throws Error unless the condition holds. The arguments are built only when it fails if passed as literals.
inline void require(bool condition, const char* where, const char* what, const char* cure) {
  if (!condition) throw Error(where, what, cure);
}

}  // namespace pigrad
