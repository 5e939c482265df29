#include "refine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace pigrad::app {
namespace {

double rounded(double value, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return std::strtod(text, nullptr);
}

/// The middle of best and its neighbour, or the same step taken outwards where there is no neighbour on that side.
double middle(double best, double neighbour, double other, bool has, bool geometric) {
  if (geometric) return best * std::sqrt(has ? neighbour / best : best / other);
  return best + 0.5 * (has ? neighbour - best : best - other);
}

struct Neighbours {
  double below = 0, above = 0;
  bool has_below = false, has_above = false;
};

Neighbours neighbours(const std::set<double>& values, double best) {
  Neighbours n;
  const auto at = values.find(best);
  if (at != values.begin()) n.below = *std::prev(at), n.has_below = true;
  if (std::next(at) != values.end()) n.above = *std::next(at), n.has_above = true;
  return n;
}

std::vector<std::string> finer(const Field& field, const std::set<double>& values, double best) {
  const Neighbours n = neighbours(values, best);
  const bool whole = !std::holds_alternative<double*>(field.value);
  const bool geometric = is_rate(field.key) && *values.begin() > 0;
  std::set<double> mesh = {best};
  for (const bool up : {false, true}) {
    const bool has = up ? n.has_above : n.has_below;
    const double x = middle(best, up ? n.above : n.below, up ? n.below : n.above, has, geometric);
    const double value = whole ? std::round(x) : rounded(x, geometric ? 4 : 6);
    if (field.range.contains(value)) mesh.insert(value);
  }
  std::vector<std::string> texts;
  for (const double value : mesh) texts.push_back(shortest(value));
  return texts;
}

}  // namespace

bool is_rate(const std::string& key) {
  const std::string last = key.substr(key.rfind('.') + 1);
  return last == "learning_rate" || last == "weight_decay" || last == "epsilon";
}

std::vector<GridAxis> refine(const Base& base, const Assignments& best, const std::vector<Assignments>& tried) {
  TrainSettings settings = settings_of(base, best);
  const std::vector<Field> fields = fields_of(settings);
  std::vector<GridAxis> axes;
  for (std::size_t i = 0; i < best.size(); ++i) {
    const auto& [key, value] = best[i];
    axes.push_back({key, {value}});
    const auto field = std::find_if(fields.begin(), fields.end(), [&, k = key](const Field& f) { return f.key == k; });
    if (field == fields.end() || !field->is_number()) continue;
    std::set<double> values;
    for (const Assignments& one : tried) values.insert(std::strtod(one[i].second.c_str(), nullptr));
    if (values.size() > 1) axes.back().values = finer(*field, values, std::strtod(value.c_str(), nullptr));
  }
  return canonical(base, axes);
}

}  // namespace pigrad::app
