#include "state.hpp"

#include "../core/error.hpp"
#include "../nn/atomic_file.hpp"

namespace pigrad {
namespace {

constexpr const char* format_version = "1";

constexpr const char* checksum_name = "pigrad_checksum";

/// FNV-1a in 64 bits (Fowler, Noll, Vo).
class Fnv {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size; ++i) hash_ = (hash_ ^ bytes[i]) * 0x100000001b3u;
  }
  void add(const std::string& text) { add(text.c_str(), text.size() + 1); }
  std::string hexadecimal() const {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash_ >> shift & 15];
    return digits;
  }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

template <class Map>
const typename Map::mapped_type& find(const Map& map, const std::string& name, int size) {
  const auto it = map.find(name);
  if (it == map.end())
    throw Error("checkpoint", "it has no '" + name + "'",
                "use a checkpoint of these settings, whole and of this version");
  if constexpr (!std::is_same_v<typename Map::mapped_type, std::string>)
    if (size >= 0 && it->second.size() != static_cast<std::size_t>(size))
      throw Error("checkpoint",
                  "'" + name + "' has " + std::to_string(it->second.size()) + " numbers, not " + std::to_string(size),
                  "use a checkpoint of these settings");
  return it->second;
}

}  // namespace

template <>
void State::put_matrix(const std::string& name, const float* data, int rows, int columns) {
  put(name, std::vector<float>(data, data + static_cast<std::ptrdiff_t>(rows) * columns));
  sides_[name] = {rows, columns};
}
template <>
void State::put_matrix(const std::string& name, const double* data, int rows, int columns) {
  put(name, std::vector<double>(data, data + static_cast<std::ptrdiff_t>(rows) * columns));
  sides_[name] = {rows, columns};
}

const std::vector<double>& State::doubles(const std::string& name, int size) const {
  return find(doubles_, name, size);
}
const std::vector<float>& State::floats(const std::string& name, int size) const { return find(floats_, name, size); }
const std::vector<std::int64_t>& State::integers(const std::string& name, int size) const {
  return find(integers_, name, size);
}
const std::string& State::words(const std::string& name) const { return find(words_, name, -1); }
template <>
const std::vector<float>& State::reals(const std::string& name, int size) const {
  return floats(name, size);
}
template <>
const std::vector<double>& State::reals(const std::string& name, int size) const {
  return doubles(name, size);
}

std::string State::checksum() const {
  Fnv sum;
  const auto add = [&](const auto& arrays) {
    for (const auto& [name, values] : arrays) {
      sum.add(name);
      sum.add(values.data(), values.size() * sizeof values[0]);
    }
  };
  add(doubles_);
  add(floats_);
  add(integers_);
  for (const auto& [name, words] : words_) {
    sum.add(name);
    sum.add(words);
  }
  return sum.hexadecimal();
}

State State::widened() const {
  State wide = *this;
  for (const auto& [name, values] : wide.floats_) wide.doubles_[name].assign(values.begin(), values.end());
  wide.floats_.clear();
  return wide;
}

void State::save(const std::string& path) const {
  const std::vector<std::byte> all = bytes();
  write_file(path, all.data(), all.size());
}

std::vector<std::byte> State::bytes() const {
  std::vector<TensorView> tensors;
  const auto add = [&](const auto& arrays) {
    for (const auto& [name, values] : arrays) {
      const auto sides = sides_.find(name);
      const TensorShape shape =
          sides != sides_.end() ? sides->second : TensorShape{static_cast<std::int64_t>(values.size())};
      tensors.push_back(tensor_view(name, shape, values.data()));
    }
  };
  add(doubles_);
  add(floats_);
  add(integers_);
  Metadata metadata(words_.begin(), words_.end());
  metadata["pigrad_format"] = format_version;
  metadata[checksum_name] = checksum();
  return safetensors_bytes(tensors, metadata);
}

State State::load(const std::string& path) { return of(TensorFile::load(path)); }

State State::parse(std::vector<std::byte> bytes, const std::string& where) {
  return of(TensorFile::parse(std::move(bytes), where));
}

std::vector<State::Name> State::names() const {
  std::vector<Name> all;
  for (const auto& entry : doubles_) all.push_back({entry.first, Dtype::f64});
  for (const auto& entry : floats_) all.push_back({entry.first, Dtype::f32});
  for (const auto& entry : integers_) all.push_back({entry.first, Dtype::i64});
  return all;
}

std::size_t State::numbers() const {
  std::size_t sum = 0;
  const auto add = [&](const auto& arrays) {
    for (const auto& entry : arrays) sum += entry.second.size();
  };
  add(doubles_);
  add(floats_);
  add(integers_);
  return sum;
}

State State::of(const TensorFile& file) {
  const std::string& path = file.where();
  const auto version = file.metadata().find("pigrad_format");
  if (version == file.metadata().end())
    throw Error(path, "it is no checkpoint of pigrad", "give a file that a run has written");
  if (version->second != format_version)
    throw Error(path, "its format is version " + version->second + ", this program reads " + format_version,
                "use the version of pigrad that wrote it, or a newer one");
  State state;
  for (const auto& entry : file.entries()) {
    if (entry.dtype != Dtype::f64 && entry.dtype != Dtype::f32 && entry.dtype != Dtype::i64)
      throw Error(path, "tensor \"" + entry.name + "\" is " + dtype_name(entry.dtype) + ", which no checkpoint holds",
                  "give a file that a run has written");
    if (entry.dtype == Dtype::f64) state.doubles_[entry.name] = file.values<double>(entry.name);
    if (entry.dtype == Dtype::f32) state.floats_[entry.name] = file.values<float>(entry.name);
    if (entry.dtype == Dtype::i64) state.integers_[entry.name] = file.values<std::int64_t>(entry.name);
    state.sides_[entry.name] = entry.shape;
  }
  state.words_ = file.metadata();
  state.words_.erase("pigrad_format");
  const auto sum = file.metadata().find(checksum_name);
  state.words_.erase(checksum_name);
  if (sum != file.metadata().end() && sum->second != state.checksum())
    throw Error(
        path, "its contents do not fit its checksum",
        "use another copy; if you changed it on purpose, leave " + std::string(checksum_name) + " out of its metadata");
  return state;
}

}  // namespace pigrad
