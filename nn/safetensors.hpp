#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pigrad {

/// Scalars that a safetensors file may hold here.
enum class Dtype { u64, i64, f64, f32, u32, i32, u8 };

/// The format's name, "F32".
const char* dtype_name(Dtype dtype);
/// Bytes of one scalar.
std::size_t dtype_size(Dtype dtype);

template <class T>
struct DtypeOf;
// clang-format off
template <> struct DtypeOf<std::uint64_t> { static constexpr Dtype value = Dtype::u64; };
template <> struct DtypeOf<std::int64_t> { static constexpr Dtype value = Dtype::i64; };
template <> struct DtypeOf<double> { static constexpr Dtype value = Dtype::f64; };
template <> struct DtypeOf<float> { static constexpr Dtype value = Dtype::f32; };
template <> struct DtypeOf<std::uint32_t> { static constexpr Dtype value = Dtype::u32; };
template <> struct DtypeOf<std::int32_t> { static constexpr Dtype value = Dtype::i32; };
template <> struct DtypeOf<std::uint8_t> { static constexpr Dtype value = Dtype::u8; };
// clang-format on

using TensorShape = std::vector<std::int64_t>;  ///< sides, row-major; none for a scalar; a side may be 0
using Metadata = std::map<std::string, std::string>;

/// "[64×4]".
std::string shape_text(const TensorShape& shape);

/// A tensor to write: a view of the caller's memory.
struct TensorView {
  std::string name;
  Dtype dtype = Dtype::f32;
  TensorShape shape;
  const void* data = nullptr;
};

template <class T>
TensorView tensor_view(std::string name, TensorShape shape, const T* data) {
  return {std::move(name), DtypeOf<T>::value, std::move(shape), data};
}

/// The bytes of a safetensors file (github.com/huggingface/safetensors): 8 bytes of header length, little-endian; a
/// JSON header padded with spaces to 8 bytes; the tensors, wider scalars first and then by name, so that each is
/// aligned. Throws Error if a name is empty, taken or "__metadata__", a side is negative, a text is no UTF-8, or the
/// build has PIGRAD_SAFETENSORS off.
std::vector<std::byte> safetensors_bytes(const std::vector<TensorView>& tensors, const Metadata& metadata = {});

/// Writes them to a temporary file beside `path`, syncs it and renames it: `path` is never half-written.
/// Throws Error if the folder cannot be written.
void save_safetensors(const std::string& path, const std::vector<TensorView>& tensors, const Metadata& metadata = {});

/// A safetensors file in memory. Everything in it is checked when it is opened: sizes before anything is allocated for
/// them, and that the tensors cover the data without gap or overlap.
class TensorFile {
 public:
  struct Entry {
    std::string name;
    Dtype dtype = Dtype::f32;
    TensorShape shape;
    std::size_t begin = 0, end = 0;  ///< bytes, from the end of the header
    std::int64_t count() const;      ///< of scalars
  };

  /// Reads and checks a file. Throws Error, naming the file and the fault, if it is not a whole safetensors file with
  /// the dtypes above, or if the build has PIGRAD_SAFETENSORS off.
  static TensorFile load(const std::string& path);
  /// The same for bytes in memory; `where` names them in messages.
  static TensorFile parse(std::vector<std::byte> bytes, const std::string& where);

  /// In the order of their data.
  const std::vector<Entry>& entries() const { return entries_; }
  const Metadata& metadata() const { return metadata_; }
  /// The path, or what parse() was told: for messages.
  const std::string& where() const { return where_; }
  bool contains(const std::string& name) const;
  /// Throws Error, listing the names there are.
  const Entry& find(const std::string& name) const;

  /// Copies a tensor out. Throws Error unless it is there with this dtype and shape.
  template <class T>
  void read(const std::string& name, const TensorShape& shape, T* out) const {
    copy(check(name, DtypeOf<T>::value, &shape), out);
  }
  /// A tensor's scalars, whatever its shape. Throws Error unless it is there with this dtype.
  template <class T>
  std::vector<T> values(const std::string& name) const {
    const Entry& entry = check(name, DtypeOf<T>::value, nullptr);
    std::vector<T> out(static_cast<std::size_t>(entry.count()));
    copy(entry, out.data());
    return out;
  }

 private:
  const Entry& check(const std::string& name, Dtype dtype, const TensorShape* shape) const;
  void copy(const Entry& entry, void* out) const;

  std::string where_;
  std::vector<std::byte> bytes_;
  std::size_t data_begin_ = 0;
  std::vector<Entry> entries_;
  Metadata metadata_;
};

}  // namespace pigrad
