#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pigrad::app {

/// A colour, 0xRRGGBB, and how much of it covers what is below.
struct Ink {
  unsigned rgb = 0;
  double opacity = 1;
};

struct Point {
  double x = 0, y = 0;
};

/// How a text is set: where (x, y) lies in it, and how it looks.
struct Lettering {
  double size = 12;
  Ink ink{0x333333};
  bool bold = false;
  double align = 0;  ///< 0: begins at x, 0.5: is centred, 1: ends there
};

/// A surface to draw on, in pixels from the upper left corner. Same calls, several kinds of files.
class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void rectangle(Point corner, double width, double height, Ink fill) = 0;
  virtual void line(const std::vector<Point>& points, Ink ink, double width,
                    const std::vector<double>& dashes = {}) = 0;
  virtual void polygon(const std::vector<Point>& points, Ink fill) = 0;
  /// `at` is on the baseline.
  virtual void text(Point at, const std::string& utf8, const Lettering& lettering) = 0;
  /// From here on, draws inside the rectangle only, until unclip().
  virtual void clip(Point corner, double width, double height) = 0;
  virtual void unclip() = 0;
  /// The file's bytes.
  virtual std::string finish() = 0;
};

/// Dots of a picture, 0xRRGGBB, row by row from the top.
struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint32_t> rgb;
};

/// A canvas whose dots can be had.
class PixelCanvas : public Canvas {
 public:
  virtual Pixels pixels() = 0;
};

/// SVG with real text, so that it can be searched, read aloud and edited; `title` is what a reader is told.
std::unique_ptr<Canvas> svg_canvas(double width, double height, const std::string& title);
/// PNG with `scale` dots a pixel. Throws Error if the picture is too large.
std::unique_ptr<PixelCanvas> png_canvas(double width, double height, double scale);
/// Width of a text in pixels.
double text_width(const std::string& utf8, const Lettering& lettering);
/// The text in lines no wider than so many pixels, broken at spaces; a longer word stands alone.
std::vector<std::string> wrap_text(const std::string& utf8, const Lettering& lettering, double width);

/// The text, cut with … where it is wider than so many pixels.
std::string fit_text(const std::string& utf8, const Lettering& lettering, double width);

}  // namespace pigrad::app
