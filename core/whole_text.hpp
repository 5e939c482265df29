#pragma once
#include <charconv>
#include <string>

namespace pigrad {

/// Whether all of `text` is one number of type T, which then goes to `value`; a plus may stand before it. The same in
/// every locale. "inf" and "nan" are numbers of type double.
template <class T>
bool whole_text(const std::string& text, T& value) {
  const char* begin = text.data() + (text.size() > 1 && text[0] == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(begin, end, value);
  return result.ec == std::errc() && result.ptr == end;
}

}  // namespace pigrad
