#include "source.hpp"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.hpp"

namespace pigrad {
namespace {

/// `before` and `key`, as one name.
struct Name {
  char text[64];
  Name(const char* before, const char* key) { snprintf(text, sizeof text, "%s%s", before, key); }
};

template <class Stored>
double stored(const unsigned char* from, uint64_t i) {
  Stored x;
  memcpy(&x, from + i * sizeof x, sizeof x);
  return static_cast<double>(x);
}

}  // namespace

bool PolicySource::has(const char* key) const { return header_.has(Name(before_, key).text); }

bool PolicySource::words(const char* key, char* out, size_t size) const {
  return header_.metadata(Name(before_, key).text, out, size);
}

bool PolicySource::is(const char* key, const char* expected) const {
  char text[16];
  return words(key, text, sizeof text) && strcmp(text, expected) == 0;
}

bool PolicySource::numbers(const char* key, int count, double* out) const {
  constexpr size_t longest_number = 26;
  const size_t size = longest_number * static_cast<size_t>(count) + 1;
  char* const text = static_cast<char*>(malloc(size));
  const bool right = text && words(key, text, size) && read_numbers(text, count, out);
  free(text);
  return right;
}

template <class T>
bool PolicySource::values(const PolicyTensor& from, uint64_t count, T* out) const {
  const bool wide = from.kind == PolicyTensor::Kind::f64;
  if (!wide && from.kind != PolicyTensor::Kind::f32) return false;
  if (from.end - from.begin != count * (wide ? sizeof(double) : sizeof(float))) return false;
  const unsigned char* data = header_.data() + from.begin;
  for (uint64_t i = 0; i < count; ++i) {
    out[i] = static_cast<T>(wide ? stored<double>(data, i) : stored<float>(data, i));
    if (!isfinite(out[i])) return false;
  }
  return true;
}

template bool PolicySource::values(const PolicyTensor&, uint64_t, float*) const;
template bool PolicySource::values(const PolicyTensor&, uint64_t, double*) const;

}  // namespace pigrad
