#pragma once
#include "canvas.hpp"

namespace pigrad::app {

/// A canvas of a terminal's signs: a sign is 8 × 16 pixels, drawn as Braille's 2 × 4 dots, or in ASCII by how full it
/// is. Bright inks leave no dot, white ones wipe them out; opacity and the size of letters do not count.
class TerminalCanvas : public Canvas {
 public:
  static constexpr double sign_width = 8, sign_height = 16;
  virtual std::vector<std::string> lines() const = 0;
};

std::unique_ptr<TerminalCanvas> terminal_canvas(int columns, int rows, bool unicode);

}  // namespace pigrad::app
