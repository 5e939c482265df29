#pragma once
#include <stddef.h>
#include <stdint.h>

namespace pigrad {

/// A tensor as a safetensors header describes it.
struct PolicyTensor {
  enum class Kind { none, f32, f64, other };
  Kind kind = Kind::none;  ///< none: there is no such tensor
  int sides = 0;           ///< at most two are kept
  uint64_t side[2] = {1, 1};
  uint64_t begin = 0, end = 0;  ///< bytes, from the end of the header
};

/// The JSON header of a safetensors file, read where it lies: nothing is allocated. Texts are looked up as they are
/// written; a name with an escape in it is found by nobody.
class TensorHeader {
 public:
  /// @param bytes the whole file
  TensorHeader(const unsigned char* bytes, size_t size);

  /// What is wrong with it, or null: too short, no JSON of the format, a tensor outside the file.
  const char* fault() const { return fault_; }
  /// The tensor's numbers lie at data() + begin.
  const unsigned char* data() const { return data_; }
  PolicyTensor tensor(const char* name) const;
  bool has(const char* key) const;
  /// A text of the metadata in `out`, ended by 0; false if there is none or it does not fit.
  bool metadata(const char* key, char* out, size_t size) const;

 private:
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  const unsigned char* data_ = nullptr;
  size_t data_size_ = 0;
  const char* fault_ = nullptr;
};

}  // namespace pigrad
