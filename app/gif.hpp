#pragma once
#include <functional>
#include <string>
#include <vector>

#include "canvas.hpp"

namespace pigrad::app {

/// A picture that moves, for ever.
struct Animation {
  std::vector<int> delays;  ///< how long each frame is shown, in hundredths of a second
  /// The dots of a frame, of the same size each. Asked for in order, some of them before that for their colours.
  std::function<Pixels(std::size_t frame)> frame;
};

/// The bytes of a GIF file: one palette of at most 63 colours, and of each frame only the dots that changed. Equal
/// frames become one that stays longer. The same frames give the same bytes.
/// Throws Error if there is no frame, or sizes differ or are none that a GIF can have.
std::string draw_gif(const Animation& animation);

}  // namespace pigrad::app
