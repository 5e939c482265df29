#include <cairo.h>

#include <cmath>
#include <cstring>

#include "../core/error.hpp"
#include "canvas.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIGRAD_LEAKS_ARE_SOUGHT
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define PIGRAD_LEAKS_ARE_SOUGHT
#endif
#ifdef PIGRAD_LEAKS_ARE_SOUGHT
// Fontconfig keeps what it has found until the process ends, and the leak checker asks here what to pass over.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig"; }
#endif

namespace pigrad::app {
namespace {

struct Release {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* pen) const { cairo_destroy(pen); }
};

void select_font(cairo_t* pen, const Lettering& lettering) {
  cairo_select_font_face(pen, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                         lettering.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(pen, lettering.size);
}

// Letters smoothed in their own colour alone, whatever this machine's screen would like: fewer colours, the same dots.
void set_grey_text(cairo_t* pen) {
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(pen, options);
  cairo_font_options_destroy(options);
}

double advance(cairo_t* pen, const std::string& utf8) {
  cairo_text_extents_t extents;
  cairo_text_extents(pen, utf8.c_str(), &extents);
  return extents.x_advance;
}

cairo_status_t append(void* into, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(into)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

class Png final : public PixelCanvas {
 public:
  Png(double width, double height, double scale)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::lround(width * scale)),
                                            static_cast<int>(std::lround(height * scale)))),
        pen_(cairo_create(surface_.get())) {
    require(cairo_status(pen_.get()) == CAIRO_STATUS_SUCCESS, "png", "the picture cannot be made in this size",
            "give a smaller one");
    cairo_scale(pen_.get(), scale, scale);
    cairo_set_line_join(pen_.get(), CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(pen_.get(), CAIRO_LINE_CAP_ROUND);
    set_grey_text(pen_.get());
    rectangle({0, 0}, width, height, {0xffffff});
  }

  void rectangle(Point corner, double width, double height, Ink fill) override {
    dip(fill);
    cairo_rectangle(pen_.get(), corner.x, corner.y, width, height);
    cairo_fill(pen_.get());
  }

  void line(const std::vector<Point>& points, Ink ink, double width, const std::vector<double>& dashes) override {
    dip(ink);
    follow(points);
    cairo_set_line_width(pen_.get(), width);
    cairo_set_dash(pen_.get(), dashes.data(), static_cast<int>(dashes.size()), 0);
    cairo_stroke(pen_.get());
  }

  void polygon(const std::vector<Point>& points, Ink fill) override {
    dip(fill);
    follow(points);
    cairo_close_path(pen_.get());
    cairo_fill(pen_.get());
  }

  void text(Point at, const std::string& utf8, const Lettering& lettering) override {
    dip(lettering.ink);
    select_font(pen_.get(), lettering);
    cairo_move_to(pen_.get(), at.x - lettering.align * advance(pen_.get(), utf8), at.y);
    cairo_show_text(pen_.get(), utf8.c_str());
    cairo_new_path(pen_.get());
  }

  void clip(Point corner, double width, double height) override {
    cairo_save(pen_.get());
    cairo_rectangle(pen_.get(), corner.x, corner.y, width, height);
    cairo_clip(pen_.get());
  }
  void unclip() override { cairo_restore(pen_.get()); }

  Pixels pixels() override {
    cairo_surface_flush(surface_.get());
    Pixels result{cairo_image_surface_get_width(surface_.get()), cairo_image_surface_get_height(surface_.get()), {}};
    const auto width = static_cast<std::size_t>(result.width);
    result.rgb.resize(width * static_cast<std::size_t>(result.height));
    for (int y = 0; y < result.height; ++y)
      std::memcpy(result.rgb.data() + width * static_cast<std::size_t>(y),
                  cairo_image_surface_get_data(surface_.get()) + cairo_image_surface_get_stride(surface_.get()) * y,
                  width * sizeof result.rgb[0]);
    for (std::uint32_t& dot : result.rgb) dot &= 0xffffffu;
    return result;
  }

  std::string finish() override {
    std::string bytes;
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface_.get(), append, &bytes);
    if (status != CAIRO_STATUS_SUCCESS) {
      throw Error("png", std::string("the picture cannot be packed (") + cairo_status_to_string(status) + ")",
                  "give a smaller one");
    }
    return bytes;
  }

 private:
  void dip(Ink ink) {
    const auto part = [&](int shift) { return ((ink.rgb >> shift) & 255u) / 255.0; };
    cairo_set_source_rgba(pen_.get(), part(16), part(8), part(0), ink.opacity);
  }
  void follow(const std::vector<Point>& points) {
    cairo_new_path(pen_.get());
    for (const Point& point : points) cairo_line_to(pen_.get(), point.x, point.y);
  }

  std::unique_ptr<cairo_surface_t, Release> surface_;
  std::unique_ptr<cairo_t, Release> pen_;
};

}  // namespace

std::unique_ptr<PixelCanvas> png_canvas(double width, double height, double scale) {
  return std::make_unique<Png>(width, height, scale);
}

double text_width(const std::string& utf8, const Lettering& lettering) {
  const std::unique_ptr<cairo_surface_t, Release> surface(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  const std::unique_ptr<cairo_t, Release> pen(cairo_create(surface.get()));
  select_font(pen.get(), lettering);
  return advance(pen.get(), utf8);
}

}  // namespace pigrad::app
