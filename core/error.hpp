#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace pigrad {

/// The library's exception. The message is one line: `where: what; cure`.
class Error : public std::runtime_error {
 public:
  /// @param where the op, setting, file or call that refused, e.g. "affine" or "train.gamma"
  /// @param what  the fact, with shapes or values, e.g. "the input is [B×4] but the weight is [64×5]"
  /// @param cure  what the reader should do, e.g. "give a weight with 4 columns"
  Error(const std::string& where, const std::string& what, const std::string& cure)
      : std::runtime_error(where + ": " + what + "; " + cure) {}
};

/// A checked run's Error (RunOptions::check): the first value or adjoint that is not finite.
class NotFinite : public Error {
 public:
  /// @param words names node, sample and operands; what() is the same with `cure`
  NotFinite(int node_id, int sample_of_run, const std::string& words, const std::string& cure)
      : Error("not finite", words, cure), node(node_id), sample(sample_of_run), what_there(words), what_to_do(cure) {}
  int node;    ///< of the program
  int sample;  ///< of the run's rows, or −1 for a node that is no batch
  std::string what_there, what_to_do;
};

/// Throws Error unless the condition holds. The arguments are built only when it fails if passed as literals.
inline void require(bool condition, const char* where, const char* what, const char* cure) {
  if (!condition) throw Error(where, what, cure);
}

}  // namespace pigrad
