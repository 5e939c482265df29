#pragma once
#include <concepts>
#include <cstdio>
#include <string>

namespace pigrad {

/// Puts a text together as a stream does, reals with six digits, without bringing the streams and their locales into
/// every program: 0.9 MB of one that is linked statically.
class Words {
 public:
  Words& operator<<(const std::string& words) {
    text_ += words;
    return *this;
  }
  Words& operator<<(const char* words) {
    text_ += words;
    return *this;
  }
  Words& operator<<(char sign) {
    text_ += sign;
    return *this;
  }
  Words& operator<<(std::integral auto number) {
    text_ += std::to_string(number);
    return *this;
  }
  Words& operator<<(std::floating_point auto number) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%g", static_cast<double>(number));
    text_ += digits;
    return *this;
  }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

}  // namespace pigrad
