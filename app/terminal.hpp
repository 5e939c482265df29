#pragma once
#include <functional>
#include <iosfwd>

namespace pigrad::app {

/// Where a display goes and what it can do there. Tests put in a stream, a clock and a width of their own.
struct Display {
  std::ostream* out = nullptr;
  bool terminal = false;            ///< lines can be redrawn in place
  bool unicode = true;              ///< signs beyond ASCII can be shown
  bool quiet = false;               ///< say nothing
  std::function<int()> columns;     ///< width in columns now
  std::function<double()> seconds;  ///< a clock that never goes back
  std::function<int()> rows;        ///< height in rows now
};

/// Standard output: a terminal unless it is redirected or TERM is "dumb".
Display standard_output(bool quiet);

}  // namespace pigrad::app
