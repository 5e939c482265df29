#include <cmath>
#include <cstdio>

#include "canvas.hpp"

namespace pigrad::app {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  std::string digits = text;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits == "-0" ? "0" : digits;
}

std::string colour(unsigned rgb) {
  char text[16];
  std::snprintf(text, sizeof text, "#%06x", rgb & 0xffffffu);
  return text;
}

std::string escape(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      safe += c;
    }
  }
  return safe;
}

std::string paint(const char* what, Ink ink) {
  std::string text = std::string(" ") + what + "=\"" + colour(ink.rgb) + "\"";
  if (ink.opacity < 1) text += std::string(" ") + what + "-opacity=\"" + number(ink.opacity) + "\"";
  return text;
}

std::string path(const std::vector<Point>& points) {
  std::string text;
  for (const Point& point : points) text += (text.empty() ? "M" : "L") + number(point.x) + "," + number(point.y);
  return text;
}

class Svg final : public Canvas {
 public:
  Svg(double width, double height, const std::string& title) {
    const std::string w = number(width), h = number(height);
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + w + "\" height=\"" + h + "\" viewBox=\"0 0 " + w +
           " " + h + "\" role=\"img\" font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n<title>" + escape(title) +
           "</title>\n";
  }

  void rectangle(Point corner, double width, double height, Ink fill) override {
    out_ += "<rect" + box(corner, width, height) + paint("fill", fill) + "/>\n";
  }

  void line(const std::vector<Point>& points, Ink ink, double width, const std::vector<double>& dashes) override {
    out_ += "<path d=\"" + path(points) + "\" fill=\"none\"" + paint("stroke", ink) + " stroke-width=\"" +
            number(width) + "\" stroke-linejoin=\"round\" stroke-linecap=\"round\"";
    if (!dashes.empty()) {
      std::string all;
      for (const double dash : dashes) all += (all.empty() ? "" : " ") + number(dash);
      out_ += " stroke-dasharray=\"" + all + "\"";
    }
    out_ += "/>\n";
  }

  void polygon(const std::vector<Point>& points, Ink fill) override {
    out_ += "<path d=\"" + path(points) + "Z\"" + paint("fill", fill) + "/>\n";
  }

  void text(Point at, const std::string& utf8, const Lettering& lettering) override {
    out_ += "<text x=\"" + number(at.x) + "\" y=\"" + number(at.y) + "\" font-size=\"" + number(lettering.size) + "\"";
    if (lettering.bold) out_ += " font-weight=\"bold\"";
    if (lettering.align > 0) out_ += lettering.align < 1 ? " text-anchor=\"middle\"" : " text-anchor=\"end\"";
    out_ += paint("fill", lettering.ink) + ">" + escape(utf8) + "</text>\n";
  }

  void clip(Point corner, double width, double height) override {
    const std::string id = "clip" + std::to_string(++clips_);
    out_ += "<clipPath id=\"" + id + "\"><rect" + box(corner, width, height) + "/></clipPath>\n<g clip-path=\"url(#" +
            id + ")\">\n";
  }
  void unclip() override { out_ += "</g>\n"; }

  std::string finish() override { return out_ + "</svg>\n"; }

 private:
  static std::string box(Point corner, double width, double height) {
    return " x=\"" + number(corner.x) + "\" y=\"" + number(corner.y) + "\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\"";
  }

  std::string out_;
  int clips_ = 0;
};

}  // namespace

std::unique_ptr<Canvas> svg_canvas(double width, double height, const std::string& title) {
  return std::make_unique<Svg>(width, height, title);
}

}  // namespace pigrad::app
