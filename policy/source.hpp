#pragma once
#include "tensor_header.hpp"

namespace pigrad {

/// A policy's texts and numbers in a file: those of an exported policy, or those that a checkpoint has under "policy.".
class PolicySource {
 public:
  PolicySource(const TensorHeader& header, bool checkpoint) : header_(header), before_(checkpoint ? "policy." : "") {}

  bool has(const char* key) const;
  bool words(const char* key, char* out, size_t size) const;
  /// The text is there and is `words`.
  bool is(const char* key, const char* words) const;
  /// `count` numbers with commas between.
  bool numbers(const char* key, int count, double* out) const;
  PolicyTensor tensor(const char* name) const { return header_.tensor(name); }
  /// A tensor's numbers; false unless there are `count`, all finite, in F32 or F64.
  template <class T>
  bool values(const PolicyTensor& from, uint64_t count, T* out) const;

 private:
  const TensorHeader& header_;
  const char* before_;
};

}  // namespace pigrad
