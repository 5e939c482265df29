#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <pigrad/app/canvas.hpp>
#include <pigrad/app/chart.hpp>
#include <pigrad/app/files.hpp>
#include <string>
#include <vector>

// bench_picture COMPARE.json: draws COMPARE.svg and COMPARE.png beside it: how many times better, a bar for each ratio.
namespace {

using namespace pigrad::app;
using nlohmann::json;

constexpr Ink ink_text{0x222222}, ink_soft{0x666666}, ink_grid{0xe6e6e6}, ink_base{0x8c8c8c};
constexpr double left = 330, right = 790, top = 96, row_height = 21, group_gap = 14, most_width = 860;

struct Bar {
  std::string work, what, peer;
  double median = 1, least = 1, most = 1;
  double wanted = 0;  ///< the aim; 0: there is none
};

double number(const json& value, double otherwise) { return value.is_number() ? value.get<double>() : otherwise; }

std::vector<Bar> bars_of(const json& result) {
  std::vector<Bar> bars;
  for (const json& row : result.at("rows"))
    for (const json& ratio : row.at("ratios")) {
      if (!ratio.at("median").is_number()) continue;
      Bar bar{row.at("work"), row.at("case"), ratio.at("to")};
      bar.what += ", " + ratio.at("of").get<std::string>() + " / " + bar.peer;
      bar.median = ratio.at("median");
      bar.least = number(ratio.at("min"), bar.median);
      bar.most = number(ratio.at("max"), bar.median);
      bar.wanted = number(ratio.at("aim"), 0);
      bars.push_back(bar);
    }
  return bars;
}

std::string times(double x) {
  char text[32];
  std::snprintf(text, sizeof text, x < 10 ? "%.2f×" : x < 100 ? "%.1f×" : "%.0f×", x);
  return text;
}

class Picture {
 public:
  Picture(const json& result, std::vector<Bar> bars) : result_(result), bars_(std::move(bars)) {
    double low = 0.9, high = 10;
    std::string work;
    height_ = top + 64;
    for (const Bar& bar : bars_) {
      low = std::min(low, bar.least);
      high = std::max({high, bar.most, bar.wanted});
      height_ += row_height + (bar.work != work ? group_gap : 0);
      work = bar.work;
      colours_.try_emplace(bar.peer.substr(0, bar.peer.find(" ×")), colours_.size());
    }
    low_ = std::log10(low);
    high_ = std::log10(high) + 0.05;
  }

  double height() const { return height_; }

  void draw(Canvas& canvas) const {
    canvas.rectangle({0, 0}, most_width, height_, {0xffffff});
    canvas.text({28, 40}, "How many times better than its peers", {20, ink_text, true});
    const std::string where = result_.at("machine").at("processor").get<std::string>() + ", " +
                              result_.at("date").get<std::string>() + ", " + result_.at("commit").get<std::string>();
    canvas.text({28, 62}, where + "; median, least and most; a line where the aim is", {13.5, ink_soft});
    for (const double mark : {0.1, 1., 2., 5., 10., 20., 50., 100., 200., 500., 1000.})
      if (std::log10(mark) >= low_ && std::log10(mark) <= high_) grid(canvas, mark);
    double y = top;
    std::string work;
    for (const Bar& bar : bars_) {
      if (bar.work != work) y += group_gap;
      work = bar.work;
      draw(canvas, bar, y);
      y += row_height;
    }
  }

 private:
  double place(double x) const { return left + (right - left) * (std::log10(x) - low_) / (high_ - low_); }

  void grid(Canvas& canvas, double mark) const {
    const double x = place(mark), bottom = height_ - 52;
    canvas.line({{x, top}, {x, bottom}}, mark == 1 ? ink_base : ink_grid, mark == 1 ? 1.4 : 1);
    char text[16];
    std::snprintf(text, sizeof text, "%g×", mark);
    canvas.text({x, bottom + 20}, text, {13, ink_soft, false, 0.5});
  }

  void draw(Canvas& canvas, const Bar& bar, double y) const {
    const double one = place(1), end = place(bar.median), middle = y + row_height / 2;
    const unsigned colour = palette(colours_.at(bar.peer.substr(0, bar.peer.find(" ×"))));
    canvas.text({left - 12, middle + 4.5}, bar.what, {12, ink_text, false, 1});
    canvas.rectangle({std::min(one, end), y + 3}, std::abs(end - one), row_height - 6, {colour, 0.75});
    canvas.line({{place(bar.least), middle}, {place(bar.most), middle}}, ink_text, 1.2);
    if (bar.wanted > 0) canvas.line({{place(bar.wanted), y + 1}, {place(bar.wanted), y + row_height - 1}}, ink_text, 2);
    canvas.text({right + 12, middle + 4.5}, times(bar.median), {12, ink_text, true});
  }

  const json& result_;
  std::vector<Bar> bars_;
  std::map<std::string, std::size_t> colours_;
  double height_ = 0, low_ = 0, high_ = 1;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_picture COMPARE.json\n");
    return 2;
  }
  const std::string path = argv[1], stem = path.substr(0, path.rfind(".json"));
  const json result = json::parse(read_text(path));
  const std::vector<Bar> bars = bars_of(result);
  if (bars.empty()) return 0;
  const Picture picture(result, bars);
  const auto svg = svg_canvas(most_width, picture.height(), "How many times better pigrad is than its peers");
  picture.draw(*svg);
  write_text(stem + ".svg", svg->finish());
  const auto png = png_canvas(most_width, picture.height(), 2);
  picture.draw(*png);
  write_text(stem + ".png", png->finish());
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
