#include <cairo.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <pigrad/app/axis.hpp>
#include <pigrad/app/chart.hpp>
#include <pigrad/app/files.hpp>
#include <pigrad/core/error.hpp>

using namespace pigrad;
using namespace pigrad::app;

namespace {

const double kNan = std::nan("");

struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "pigrad-chart-XXXXXX").string();
  Folder() { static_cast<void>(::mkdtemp(path.data())); }
  ~Folder() { std::filesystem::remove_all(path); }
};

// A picture as another program reads it.
struct Picture {
  cairo_surface_t* surface;
  explicit Picture(std::string bytes) {
    surface = cairo_image_surface_create_from_png_stream(
        [](void* from, unsigned char* into, unsigned length) {
          auto& rest = *static_cast<std::string*>(from);
          if (rest.size() < length) return CAIRO_STATUS_READ_ERROR;
          std::memcpy(into, rest.data(), length);
          rest.erase(0, length);
          return CAIRO_STATUS_SUCCESS;
        },
        &bytes);
  }
  ~Picture() { cairo_surface_destroy(surface); }
  int count(unsigned rgb) const {
    int found = 0;
    const int stride = cairo_image_surface_get_stride(surface);
    const unsigned char* data = cairo_image_surface_get_data(surface);
    for (int y = 0; y < cairo_image_surface_get_height(surface); ++y) {
      for (int x = 0; x < cairo_image_surface_get_width(surface); ++x) {
        unsigned pixel = 0;
        std::memcpy(&pixel, data + y * stride + 4 * x, 4);
        found += (pixel & 0xffffffu) == rgb;
      }
    }
    return found;
  }
};

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// Every element is closed in the order in which it was opened.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (auto at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const auto end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag.back() == '/') continue;
    const std::string name = tag.substr(0, tag.find(' '));
    if (tag[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

Chart two_lines() {
  Chart chart;
  chart.title = "γ < 1 & \"λ\"";
  chart.x_label = "environment steps";
  chart.series.resize(2);
  for (int i = 0; i <= 10; ++i) {
    for (Series& series : chart.series) series.x.push_back(i * 40000.0);
    chart.series[0].y.push_back(i * 50.0);
    chart.series[1].y.push_back(i == 5 ? kNan : 500.0 - i);
  }
  chart.series[0].label = "rising";
  chart.series[1].label = "gap";
  chart.references = {{500, "limit 500"}};
  return chart;
}

}  // namespace

TEST_CASE("an SVG holds its words as text, and is well-formed") {
  const std::string svg = draw_svg(two_lines());
  CHECK(well_formed(svg));
  for (const char* part : {"<title>γ &lt; 1 &amp; \"λ\"</title>", ">rising</text>", ">gap</text>", ">limit 500</text>",
                           ">environment steps</text>", ">200k</text>", ">500</text>", "stroke-dasharray"}) {
    CAPTURE(part);
    CHECK(svg.find(part) != std::string::npos);
  }
  CHECK(count(svg, "stroke=\"#0072b2\"") == 2);  // the curve and its sign in the legend
  CHECK(count(svg, "stroke=\"#d55e00\"") == 3);  // two pieces around the gap
  CHECK(svg.find("nan") == std::string::npos);
}

TEST_CASE("a PNG opens elsewhere, in the size asked for, with both lines in it") {
  const Picture picture(draw_png(two_lines()));
  REQUIRE(cairo_surface_status(picture.surface) == CAIRO_STATUS_SUCCESS);
  CHECK(cairo_image_surface_get_width(picture.surface) == 1800);
  CHECK(cairo_image_surface_get_height(picture.surface) == 1080);
  CHECK(picture.count(0x0072b2) > 2000);
  CHECK(picture.count(0xd55e00) > 2000);
  CHECK(picture.count(0xffffff) > 1800 * 1080 / 2);
}

TEST_CASE("strange data makes a chart all the same") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& y : {std::vector<double>{},
                                       {5},
                                       {0, 0},
                                       {kNan, kNan},
                                       {inf, 1},
                                       {-3, -3},
                                       {1e300, -1e300},
                                       {1e-300, 2e-300},
                                       {1, 1 + 1e-15}}) {
    Chart chart;
    Series series;
    series.y = y;
    for (std::size_t i = 0; i < y.size(); ++i) series.x.push_back(static_cast<double>(i));
    chart.series = {series};
    const std::string svg = draw_svg(chart);
    CHECK(well_formed(svg));
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(svg.find("inf") == std::string::npos);
    CHECK(Picture(draw_png(chart)).count(0xffffff) > 0);
  }
  CHECK(well_formed(draw_svg(Chart())));
  Chart uneven;
  uneven.series.resize(1);
  uneven.series[0].x = {1, 2};
  uneven.series[0].y = {1};
  CHECK_THROWS_AS(draw_svg(uneven), Error);
  Chart huge;
  huge.width = 1e6;
  CHECK_THROWS_AS(draw_png(huge), Error);
}

TEST_CASE("axes have round marks with short labels") {
  const auto labels = [](double low, double high) {
    const Axis axis = Axis::cover(low, high, 6, false);
    std::string all;
    for (const double mark : axis.marks()) all += axis.label(mark) + " ";
    return all;
  };
  CHECK(labels(0, 500) == "0 100 200 300 400 500 ");
  CHECK(labels(-0.3, 0.95) == "−0.4 −0.2 0.0 0.2 0.4 0.6 0.8 1.0 ");
  CHECK(labels(0, 400000) == "0 50k 100k 150k 200k 250k 300k 350k 400k ");
  CHECK(labels(0, 3e6) == "0 500k 1M 1.5M 2M 2.5M 3M ");
  CHECK(labels(0, 6000) == "0 1000 2000 3000 4000 5000 6000 ");
  const Axis tight = Axis::cover(4000, 399999, 8, true);
  CHECK(tight.share(4000) == 0);
  CHECK(tight.share(399999) == 1);
}

TEST_CASE("a learning curve is drawn from metrics.csv") {
  const Folder folder;
  std::string csv =
      "time/total_timesteps,rollout/ep_rew_mean,rollout/ep_rew_std,rollout/ep_rew_min,rollout/ep_rew_max\n";
  for (int i = 1; i <= 20; ++i) {
    csv += std::to_string(i * 4000) + "," + std::to_string(25 * i) + ",40," + std::to_string(10 * i) + "," +
           std::to_string(std::min(500, 30 * i)) + "\n";
  }
  write_text(folder.path + "/metrics.csv", csv);
  CurveOptions options;
  options.title = "a2c-cartpole";
  options.references = {{500, "limit 500"}};
  const Chart chart = learning_curve(folder.path + "/metrics.csv", options);
  CHECK(chart.series[0].high[19] == 500);
  CHECK(chart.series[0].low[19] == 460);
  write_chart(chart, folder.path);
  CHECK(well_formed(read_text(folder.path + "/curve.svg")));
  CHECK(Picture(read_text(folder.path + "/curve.png")).count(0x0072b2) > 1000);
  write_text(folder.path + "/metrics.csv", "time/total_timesteps,reward\n");
  CHECK_THROWS_AS(learning_curve(folder.path + "/metrics.csv", options), Error);
}
