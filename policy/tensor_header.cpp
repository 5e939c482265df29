#include "tensor_header.hpp"

#include <string.h>

namespace pigrad {
namespace {

constexpr size_t length_size = 8;
constexpr uint64_t longest_header = 100'000'000;  // the format's own limit
constexpr const char* no_json = "its header is not that of a safetensors file";

struct Text {
  const char* at = nullptr;
  size_t size = 0;
  bool is(const char* words) const { return strlen(words) == size && memcmp(at, words, size) == 0; }
};

/// Reads JSON from left to right. After a fault everything is false.
class Reader {
 public:
  Reader(const char* at, const char* end) : at_(at), end_(end) {}

  bool sign(char c) {
    blank();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  /// A string between its quotes, escapes as they are.
  bool text(Text& out) {
    if (!sign('"')) return false;
    out.at = at_;
    for (; at_ != end_ && *at_ != '"'; ++at_) {
      if (static_cast<unsigned char>(*at_) < 0x20) return false;
      if (*at_ == '\\' && ++at_ == end_) return false;
    }
    if (at_ == end_) return false;
    out.size = static_cast<size_t>(at_ - out.at);
    ++at_;
    return true;
  }
  bool natural(uint64_t& out) {
    blank();
    const char* first = at_;
    for (out = 0; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
      const auto digit = static_cast<uint64_t>(*at_ - '0');
      if (out > (UINT64_MAX / 2 - digit) / 10) return false;
      out = 10 * out + digit;
    }
    return at_ != first;
  }
  bool at_end() {
    blank();
    return at_ == end_;
  }

 private:
  void blank() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  const char* at_;
  const char* end_;
};

bool read_sides(Reader& json, PolicyTensor& tensor) {
  if (!json.sign('[')) return false;
  if (json.sign(']')) return true;
  do {
    uint64_t side = 0;
    if (!json.natural(side)) return false;
    if (tensor.sides < 2) tensor.side[tensor.sides] = side;
    ++tensor.sides;
  } while (json.sign(','));
  return json.sign(']');
}

bool read_tensor(Reader& json, PolicyTensor& tensor) {
  if (!json.sign('{')) return false;
  bool typed = false, shaped = false, placed = false;
  do {
    Text key, dtype;
    if (!json.text(key) || !json.sign(':')) return false;
    if (key.is("dtype") && json.text(dtype)) {
      typed = true;
      tensor.kind = dtype.is("F32")   ? PolicyTensor::Kind::f32
                    : dtype.is("F64") ? PolicyTensor::Kind::f64
                                      : PolicyTensor::Kind::other;
    } else if (key.is("shape") && read_sides(json, tensor)) {
      shaped = true;
    } else if (key.is("data_offsets") && json.sign('[') && json.natural(tensor.begin) && json.sign(',') &&
               json.natural(tensor.end) && json.sign(']')) {
      placed = true;
    } else {
      return false;
    }
  } while (json.sign(','));
  return json.sign('}') && typed && shaped && placed;
}

/// Goes through the header; what looks at a pair ends the walk by giving false. False if it is not of the format.
template <class OnTensor, class OnText>
bool walk(Reader json, const OnTensor& on_tensor, const OnText& on_text) {
  if (!json.sign('{')) return false;
  if (json.sign('}')) return json.at_end();
  do {
    Text name;
    if (!json.text(name) || !json.sign(':')) return false;
    if (!name.is("__metadata__")) {
      PolicyTensor tensor;
      if (!read_tensor(json, tensor)) return false;
      if (!on_tensor(name, tensor)) return true;
      continue;
    }
    if (!json.sign('{')) return false;
    if (json.sign('}')) continue;
    do {
      Text key, value;
      if (!json.text(key) || !json.sign(':') || !json.text(value)) return false;
      if (!on_text(key, value)) return true;
    } while (json.sign(','));
    if (!json.sign('}')) return false;
  } while (json.sign(','));
  return json.sign('}') && json.at_end();
}

constexpr auto any_tensor = [](const Text&, const PolicyTensor&) { return true; };
constexpr auto any_text = [](const Text&, const Text&) { return true; };

}  // namespace

TensorHeader::TensorHeader(const unsigned char* bytes, size_t size) {
  uint64_t length = 0;
  for (size_t i = 0; i < length_size && i < size; ++i) length |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  if (size < length_size || length > longest_header || length > size - length_size) {
    fault_ = "it is no safetensors file, or not whole";
    return;
  }
  begin_ = reinterpret_cast<const char*>(bytes + length_size);
  end_ = begin_ + length;
  data_ = bytes + length_size + length;
  data_size_ = size - length_size - static_cast<size_t>(length);
  bool inside = true;
  const auto look = [&](const Text&, const PolicyTensor& tensor) {
    if (tensor.begin > tensor.end || tensor.end > data_size_) inside = false;
    return true;
  };
  if (!walk(Reader(begin_, end_), look, any_text))
    fault_ = no_json;
  else if (!inside)
    fault_ = "a tensor lies outside it: the file is not whole";
}

PolicyTensor TensorHeader::tensor(const char* name) const {
  PolicyTensor found;
  const auto look = [&](const Text& at, const PolicyTensor& tensor) {
    if (!at.is(name)) return true;
    found = tensor;
    return false;
  };
  walk(Reader(begin_, end_), look, any_text);
  return found;
}

bool TensorHeader::has(const char* key) const {
  bool found = false;
  const auto look = [&](const Text& at, const Text&) {
    found = at.is(key);
    return !found;
  };
  walk(Reader(begin_, end_), any_tensor, look);
  return found;
}

bool TensorHeader::metadata(const char* key, char* out, size_t size) const {
  bool found = false;
  const auto look = [&](const Text& at, const Text& value) {
    if (!at.is(key)) return true;
    found = value.size < size;
    if (found) {
      memcpy(out, value.at, value.size);
      out[value.size] = 0;
    }
    return false;
  };
  walk(Reader(begin_, end_), any_tensor, look);
  return found;
}

}  // namespace pigrad
