#include "tape_picture.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "../canvas.hpp"
#include "../table.hpp"

namespace pigrad::app {
namespace {

constexpr std::size_t most_shown = 4;

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", x);
  return text;
}

std::string norm_of(const std::vector<double>& x) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  return "‖" + number(std::sqrt(squares)) + "‖";
}

std::string words(const std::vector<double>& x) {
  if (x.size() > most_shown) return norm_of(x);
  std::string text;
  for (const double v : x) text += (text.empty() ? "" : " ") + number(v);
  return text;
}

constexpr double box_width = 132, box_height = 58, gap_x = 42, gap_y = 16, margin = 24, head = 56;
constexpr unsigned with_gradient = 0x0072b2, without = 0x999999;

}  // namespace

std::string tape_table(const std::vector<TapeNode>& nodes) {
  Table table({{"node", true}, {"op"}, {"operands"}, {"shape"}, {"value"}, {"adjoint"}, {"name"}});
  for (const TapeNode& n : nodes) {
    std::string operands;
    for (const int o : n.operands) operands += (operands.empty() ? "" : " ") + std::to_string(o);
    table.row({std::to_string(n.id), n.op, operands, n.shape, words(n.value), words(n.adjoint), n.label});
  }
  return table.text();
}

std::string tape_svg(const std::vector<TapeNode>& nodes, const std::string& title) {
  const std::vector<TapePlace> places = arrange_tape(nodes);
  int layers = 0, tallest = 0;
  std::map<int, int> in_layer;
  for (const TapePlace& place : places) {
    layers = std::max(layers, place.layer + 1);
    tallest = std::max(tallest, in_layer[place.layer] = place.place + 1);
  }
  const double pitch_x = box_width + gap_x, pitch_y = box_height + gap_y;
  const double width = 2 * margin + layers * pitch_x - gap_x, height = head + 2 * margin + tallest * pitch_y - gap_y;
  const auto canvas = svg_canvas(width, height, title);
  canvas->rectangle({0, 0}, width, height, {0xffffff});
  canvas->text({margin, 34}, title, {.size = 17, .bold = true});
  const auto corner = [&](std::size_t i) {
    const double free = (tallest - in_layer[places[i].layer]) * pitch_y / 2;
    return Point{margin + places[i].layer * pitch_x, head + margin + free + places[i].place * pitch_y};
  };
  std::map<int, std::size_t> place_of;
  for (std::size_t i = 0; i < nodes.size(); ++i) place_of[nodes[i].id] = i;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (std::size_t k = 0; k < nodes[i].operands.size(); ++k) {
      const std::size_t from = place_of.at(nodes[i].operands[k]);
      const bool flows = nodes[i].carries_gradient && nodes[from].carries_gradient;
      const double into = box_height * static_cast<double>(k + 1) / static_cast<double>(nodes[i].operands.size() + 1);
      const Point a{corner(from).x + box_width, corner(from).y + box_height / 2}, b{corner(i).x, corner(i).y + into};
      const Ink ink{flows ? with_gradient : without, 0.8};
      canvas->line({a, {b.x - gap_x / 2, a.y + (b.y - a.y) * 0.5}, {b.x - 5, b.y}}, ink, 1.4,
                   flows ? std::vector<double>{} : std::vector<double>{4, 3});
      canvas->polygon({{b.x - 6, b.y - 3.5}, {b.x, b.y}, {b.x - 6, b.y + 3.5}}, ink);
    }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const TapeNode& n = nodes[i];
    const Point c = corner(i);
    const unsigned colour = n.carries_gradient ? with_gradient : without;
    canvas->rectangle(c, box_width, box_height, {0xffffff});
    canvas->rectangle(c, box_width, box_height, {colour, n.operands.empty() ? 0.22 : 0.1});
    canvas->rectangle(c, 3, box_height, {colour});
    const auto line = [&](double y, const std::string& text, bool bold, unsigned ink) {
      const Lettering lettering{.size = 11, .ink = {ink}, .bold = bold};
      canvas->text({c.x + 9, c.y + y}, fit_text(text, lettering, box_width - 14), lettering);
    };
    line(14, n.op + (n.label.empty() ? "" : "  " + n.label), true, 0x222222);
    line(28, n.shape, false, 0x666666);
    line(41, words(n.value), false, 0x222222);
    if (!n.adjoint.empty()) line(53, "adjoint " + words(n.adjoint), false, with_gradient);
  }
  return canvas->finish();
}

}  // namespace pigrad::app
