#pragma once
#include <string>
#include <vector>

namespace pigrad {

/// A setting written as text, "name:argument,argument": initialisers and schedules.
struct SettingText {
  std::string where, text, cure;  ///< for messages: the setting, what was written, the forms there are
  std::string name;
  std::vector<std::string> arguments;

  /// Splits the text. Throws Error if the name or an argument is empty.
  static SettingText parse(const std::string& where, const std::string& text, const std::string& cure);
  /// Throws Error unless the number of arguments is in [least, most].
  void expect(std::size_t least, std::size_t most) const;
  /// Argument i as a finite number, whatever the locale. Throws Error.
  double number(std::size_t i) const;
  /// The same for any piece of the text.
  double number(const std::string& piece) const;
  /// Throws Error: `where: "text" is <what>; cure`.
  [[noreturn]] void refuse(const std::string& what) const;
};

}  // namespace pigrad
