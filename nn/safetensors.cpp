#include "safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "../core/error.hpp"
#include "atomic_file.hpp"
#include "safetensors_header.hpp"

static_assert(std::endian::native == std::endian::little,
              "safetensors files are little-endian; so must the machine be");

namespace pigrad {
namespace {

constexpr std::size_t length_size = 8;
constexpr std::size_t longest_header = 100'000'000;  // the format's own limit

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(where, what, "give a safetensors file, whole and as it was written");
}

/// Bytes of a tensor; false if they cannot be counted in 63 bits.
bool byte_size(Dtype dtype, const TensorShape& shape, std::size_t& bytes) {
  bytes = dtype_size(dtype);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) bytes = 0;
  for (std::int64_t side : shape) {
    const auto factor = static_cast<std::size_t>(side);
    if (factor != 0 && bytes > static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max()) / factor)
      return false;
    bytes *= factor;
  }
  return true;
}

/// Refuses unless the tensors, in order, have the sizes of their shapes and cover [0, size) exactly.
void check_cover(const std::vector<TensorFile::Entry>& entries, std::size_t size, const std::string& where) {
  std::size_t reached = 0;
  for (const TensorFile::Entry& entry : entries) {
    const std::string tensor = "tensor \"" + entry.name + "\"";
    std::size_t bytes = 0;
    if (!byte_size(entry.dtype, entry.shape, bytes) || entry.end - entry.begin != bytes)
      refuse(where, tensor + " of " + shape_text(entry.shape) + " " + dtype_name(entry.dtype) + " has " +
                        std::to_string(entry.end - entry.begin) + " bytes");
    if (entry.begin != reached) refuse(where, tensor + " leaves a gap or overlaps another");
    reached = entry.end;
  }
  if (reached != size)
    refuse(where, "the tensors take " + std::to_string(reached) + " bytes but the file has " + std::to_string(size));
}

/// The entries to write, sorted as the format's own library does, with their offsets.
std::vector<TensorFile::Entry> lay_out(const std::vector<const TensorView*>& tensors) {
  std::vector<TensorFile::Entry> entries;
  std::size_t offset = 0;
  for (const TensorView* tensor : tensors) {
    const std::string where = "safetensors \"" + tensor->name + "\"";
    if (tensor->name.empty() || tensor->name == "__metadata__")
      throw Error(where, "this name is reserved", "name the tensor otherwise");
    std::size_t bytes = 0;
    if (std::any_of(tensor->shape.begin(), tensor->shape.end(), [](std::int64_t side) { return side < 0; }) ||
        !byte_size(tensor->dtype, tensor->shape, bytes))
      throw Error(where, "its shape is " + shape_text(tensor->shape), "give sides ≥ 0 that memory can hold");
    if (bytes > 0 && tensor->data == nullptr) throw Error(where, "its data is null", "give its scalars");
    entries.push_back({tensor->name, tensor->dtype, tensor->shape, offset, offset + bytes});
    offset += bytes;
  }
  return entries;
}

}  // namespace

const char* dtype_name(Dtype dtype) {
  constexpr const char* names[] = {"U64", "I64", "F64", "F32", "U32", "I32", "U8"};
  return names[static_cast<int>(dtype)];
}

std::size_t dtype_size(Dtype dtype) {
  constexpr std::size_t sizes[] = {8, 8, 8, 4, 4, 4, 1};
  return sizes[static_cast<int>(dtype)];
}

std::string shape_text(const TensorShape& shape) {
  std::string text;
  for (std::int64_t side : shape) text += (text.empty() ? "" : "×") + std::to_string(side);
  return "[" + text + "]";
}

std::vector<std::byte> safetensors_bytes(const std::vector<TensorView>& tensors, const Metadata& metadata) {
  std::vector<const TensorView*> sorted;
  for (const TensorView& tensor : tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(), [](const TensorView* a, const TensorView* b) {
    return a->dtype != b->dtype ? a->dtype < b->dtype : a->name < b->name;
  });
  std::vector<std::string> names;
  for (const TensorView& tensor : tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    throw Error("safetensors \"" + *twice + "\"", "two tensors have this name", "name each differently");

  const std::vector<TensorFile::Entry> entries = lay_out(sorted);
  std::string header = write_safetensors_header(entries, metadata);
  header.resize((header.size() + 7) / 8 * 8, ' ');
  if (header.size() > longest_header) throw Error("safetensors", "the header is above 100 MB", "write less metadata");
  const std::size_t data_begin = length_size + header.size();
  std::vector<std::byte> bytes(data_begin + (entries.empty() ? 0 : entries.back().end));
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, length_size);
  std::memcpy(bytes.data() + length_size, header.data(), header.size());
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].end > entries[i].begin)
      std::memcpy(bytes.data() + data_begin + entries[i].begin, sorted[i]->data, entries[i].end - entries[i].begin);
  return bytes;
}

void save_safetensors(const std::string& path, const std::vector<TensorView>& tensors, const Metadata& metadata) {
  const std::vector<std::byte> bytes = safetensors_bytes(tensors, metadata);
  write_file(path, bytes.data(), bytes.size());
}

std::int64_t TensorFile::Entry::count() const { return static_cast<std::int64_t>((end - begin) / dtype_size(dtype)); }

TensorFile TensorFile::load(const std::string& path) { return parse(read_file(path), path); }

TensorFile TensorFile::parse(std::vector<std::byte> bytes, const std::string& where) {
  if (bytes.size() < length_size) refuse(where, "the file has only " + std::to_string(bytes.size()) + " bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), length_size);
  if (length > longest_header || length > bytes.size() - length_size)
    refuse(where, "the header should have " + std::to_string(length) + " bytes but the file has " +
                      std::to_string(bytes.size()));
  TensorFile file;
  file.where_ = where;
  file.data_begin_ = length_size + static_cast<std::size_t>(length);
  const std::string_view json(reinterpret_cast<const char*>(bytes.data()) + length_size,
                              static_cast<std::size_t>(length));
  read_safetensors_header(json, where, file.entries_, file.metadata_);
  std::stable_sort(file.entries_.begin(), file.entries_.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  check_cover(file.entries_, bytes.size() - file.data_begin_, where);
  file.bytes_ = std::move(bytes);
  return file;
}

bool TensorFile::contains(const std::string& name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
}

const TensorFile::Entry& TensorFile::find(const std::string& name) const {
  std::string names;
  for (const Entry& entry : entries_) {
    if (entry.name == name) return entry;
    names += (names.empty() ? "" : ", ") + entry.name;
  }
  throw Error(where_, "there is no tensor \"" + name + "\"", "use one of: " + (names.empty() ? "(none)" : names));
}

const TensorFile::Entry& TensorFile::check(const std::string& name, Dtype dtype, const TensorShape* shape) const {
  const Entry& entry = find(name);
  if (entry.dtype != dtype)
    throw Error(where_, "tensor \"" + name + "\" is " + dtype_name(entry.dtype) + ", not " + dtype_name(dtype),
                "read it as what it is, or write the file again");
  if (shape != nullptr && entry.shape != *shape)
    throw Error(where_, "tensor \"" + name + "\" is " + shape_text(entry.shape) + ", not " + shape_text(*shape),
                "use the file with the network that wrote it");
  return entry;
}

void TensorFile::copy(const Entry& entry, void* out) const {
  if (entry.end > entry.begin) std::memcpy(out, bytes_.data() + data_begin_ + entry.begin, entry.end - entry.begin);
}

}  // namespace pigrad
