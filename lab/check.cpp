#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <sstream>

#include "../core/ops.hpp"
#include "../core/random.hpp"

namespace pigrad {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double largest(const std::vector<double>& x) {
  double m = 0;
  for (const double v : x) m = std::max(m, std::isfinite(v) ? std::abs(v) : 0);
  return m;
}

double relative_error(double a, double b, double floor) {
  const double error = std::abs(a - b) / std::max({std::abs(a), std::abs(b), floor});
  return error >= 0 && error < infinity ? error : infinity;
}

/// Collects comparisons; remembers the worst.
struct Judge {
  explicit Judge(const CheckOptions& o) : options(o), random(o.seed, Purpose::test) {}

  void judge(const std::string& where, const char* what, double found, double expected, double error) {
    ++report.compared;
    if (error <= report.worst && report.compared > 1) return;
    report.worst = error;
    report.ok = error <= options.tolerance;
    report.where = where;
    std::ostringstream words;
    words.precision(12);
    words << where << ": " << what << " gives " << found << ", expected " << expected << " (relative error ";
    words.precision(3);
    words << error << ")";
    report.words = words.str();
  }

  /// Compares `found` with the central difference of `at(step)`, whose step shrinks until it agrees.
  void difference(const std::string& where, const char* what, double found, double floor, double unit,
                  const std::function<double(double)>& at) {
    double best = infinity, shown = std::nan("");
    for (const double step : {1e-3, 1e-4, 1e-5, 1e-6}) {
      const double h = step * unit;
      const double slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      const double error = relative_error(found, slope, floor);
      if (error < best || step == 1e-3) {
        best = error;
        shown = slope;
      }
      if (best <= options.tolerance) break;
    }
    judge(where, what, found, shown, best);
  }

  /// Uniform in [low, high), each call another.
  double draw(double low, double high) { return low + (high - low) * random.uniform<double>(0, counter++); }
  std::vector<double> draws(std::size_t count, double low, double high) {
    std::vector<double> all(count);
    for (double& x : all) x = draw(low, high);
    return all;
  }
  /// Which of `count` entries to difference.
  std::vector<int> chosen(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    for (int i = 0; i < count && count > options.entries && i < options.entries; ++i)
      std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(draw(i, count))]);
    all.resize(static_cast<std::size_t>(std::min(count, std::max(options.entries, 0))));
    return all;
  }

  CheckOptions options;
  Random random;
  std::uint64_t counter = 0;
  CheckReport report;
};

std::string entry_name(const ParameterLayout& layout, int i) {
  const Segment& s = layout.at(i);
  const int e = i - s.offset;
  return s.name + " [" + std::to_string(e / s.columns) + "," + std::to_string(e % s.columns) + "]";
}

double floor_of(double largest_adjoint, double loss) {
  return 1e-3 * std::max({largest_adjoint, 1e-2 * std::abs(loss), 1e-6});
}

void judge_tangents(Judge& j, const Program& program, Bindings<double> b, const std::vector<double>& at) {
  const std::size_t size = at.size();
  Workspace<Dual<double>> duals(program, j.options.backend);
  Workspace<double> reals(program, j.options.backend);
  std::vector<double> gradient(size), turned(size), moved(at), up(size);
  for (int d = 0; d < j.options.directions; ++d) {
    const std::vector<double> direction = j.draws(size, -1, 1);
    const std::string name = "direction " + std::to_string(d);
    b.parameters(at.data(), direction.data());
    const auto result = duals.run(b, Sink<double>::sum(gradient.data(), turned.data()));
    double product = 0, scale = 0;
    for (std::size_t i = 0; i < size; ++i) {
      product += gradient[i] * direction[i];
      scale += std::abs(gradient[i] * direction[i]);
    }
    const double floor = std::max(scale, 1e-9);
    j.judge(name, "gradient · direction", product, result.tangent, relative_error(product, result.tangent, floor));
    if (!j.options.second_order) continue;
    b.parameters(moved.data());
    const auto gradient_at = [&](double h) -> const std::vector<double>& {
      for (std::size_t i = 0; i < size; ++i) moved[i] = at[i] + h * direction[i];
      reals.run(b, Sink<double>::sum(up.data()));
      return up;
    };
    const double least = floor_of(std::max(largest(turned), largest(gradient)), result.loss);
    for (const int i : j.chosen(static_cast<int>(size))) {
      const auto e = static_cast<std::size_t>(i);
      j.difference(entry_name(program.parameters(), i) + " along " + name, "Hessian-vector product", turned[e], least,
                   1, [&](double h) { return gradient_at(h)[e]; });
    }
  }
}

void judge_parameters(Judge& j, const Program& program, Bindings<double> b, std::vector<double> at) {
  const std::size_t size = at.size();
  Workspace<double> workspace(program, j.options.backend);
  std::vector<double> gradient(size);
  b.parameters(at.data());
  const double loss = workspace.run(b, Sink<double>::sum(gradient.data())).loss;
  for (const Segment& s : program.parameters().segments()) {
    const auto begin = gradient.begin() + s.offset;
    const double floor = floor_of(largest({begin, begin + s.size()}), loss);
    for (const int i : j.chosen(s.size())) {
      const auto e = static_cast<std::size_t>(s.offset + i);
      const double x = at[e];
      j.difference(entry_name(program.parameters(), s.offset + i), "the adjoint", gradient[e], floor,
                   std::max(1.0, std::abs(x)), [&](double h) {
                     at[e] = x + h;
                     return workspace.run(b, {}).loss;
                   });
      at[e] = x;
    }
  }
  judge_tangents(j, program, b, at);
}

/// An example recorded as a loss: batch operand i is base + along·direction, so that a scalar parameter, at 0, moves it
/// along a random direction in tangents and Hessians.
struct Recorded {
  Recorded(Judge& j, const OpCase& example);

  ParameterLayout layout;
  std::vector<int> base;  ///< node of each batch operand, -1 for fixed ones
  std::vector<std::vector<double>> inputs;
  std::vector<std::string> names;
  std::vector<int> widths;
  std::vector<std::int32_t> indices;
  std::vector<double> parameters;
  std::vector<Program> program;
  int rows;
};

Recorded::Recorded(Judge& j, const OpCase& example) : rows(j.options.rows) {
  const auto count = static_cast<std::size_t>(rows);
  const std::size_t operands = example.operands.size();
  for (std::size_t i = 0; i < operands; ++i) {
    const auto& o = example.operands[i];
    const std::string name = "operand " + std::to_string(i);
    if (o.shape.is_batch())
      layout.add("along " + name, 1, 1), parameters.push_back(0);
    else {
      layout.add(name, o.shape.rows, o.shape.columns);
      for (int e = 0; e < o.shape.rows * o.shape.columns; ++e) parameters.push_back(j.draw(o.low, o.high));
    }
  }
  Tape tape(layout);
  std::vector<Tensor> x;
  const auto bind = [&](const std::string& name, int columns, double low, double high) {
    names.push_back(name);
    widths.push_back(columns);
    inputs.push_back(j.draws(count * static_cast<std::size_t>(columns), low, high));
  };
  for (std::size_t i = 0; i < operands; ++i) {
    const auto& o = example.operands[i];
    const std::string name = "operand " + std::to_string(i);
    base.push_back(-1);
    if (!o.shape.is_batch()) {
      x.push_back(tape.parameter(name));
      continue;
    }
    const Tensor leaf = tape.input(name, o.shape.columns, true);
    bind(name, o.shape.columns, o.low, o.high);
    base.back() = leaf.id();
    const Tensor direction = tape.input("direction of " + name, o.shape.columns);
    bind("direction of " + name, o.shape.columns, -1, 1);
    x.push_back(leaf + tape.parameter("along " + name) * direction);
  }
  if (example.index_below > 0) {
    for (int r = 0; r < rows; ++r) indices.push_back(static_cast<std::int32_t>(j.draw(0, example.index_below)));
    x.push_back(tape.index("indices"));
  }
  const Tensor y = example.record(x).named("result");
  const Shape shape = y.shape();
  Tensor cotangent;
  if (shape.is_batch()) {
    cotangent = tape.input("cotangent", shape.columns);
    bind("cotangent", shape.columns, 0.3, 1.7);
    for (std::size_t i = 0; i < inputs.back().size(); i += 2) inputs.back()[i] *= -1;
  } else {
    cotangent = tape.constant(shape.rows, shape.columns,
                              j.draws(static_cast<std::size_t>(shape.rows * shape.columns), 0.3, 1.7));
  }
  program.push_back(tape.program(sum(y * cotangent)));
}

void judge_batches(Judge& j, Recorded& example, const Bindings<double>& b) {
  const Program& program = example.program.front();
  Workspace<double> kept(program, j.options.backend), plain(program, j.options.backend);
  std::vector<double> gradient(example.parameters.size());
  const double loss = kept.run(b, Sink<double>::sum(gradient.data()), {.keep = true}).loss;
  for (std::size_t i = 0; i < example.names.size(); ++i) {
    const auto leaf = std::find(example.base.begin(), example.base.end(), program.inputs()[i].node);
    if (leaf == example.base.end()) continue;
    const View<const double> bar = kept.adjoint(*leaf);
    const auto adjoint = [&](int r, int c) { return bar ? bar.data[r * bar.row_stride + c * bar.column_stride] : 0.0; };
    std::vector<double> all;
    for (int c = 0; c < example.widths[i]; ++c)
      for (int r = 0; r < example.rows; ++r) all.push_back(adjoint(r, c));
    const double floor = floor_of(largest(all), loss);
    for (const int e : j.chosen(static_cast<int>(all.size()))) {
      double& x = example.inputs[i][static_cast<std::size_t>(e)];
      const double at = x;
      const std::string where =
          example.names[i] + " [" + std::to_string(e % example.rows) + "," + std::to_string(e / example.rows) + "]";
      j.difference(where, "the adjoint", all[static_cast<std::size_t>(e)], floor, std::max(1.0, std::abs(at)),
                   [&](double h) {
                     x = at + h;
                     return plain.run(b, {}).loss;
                   });
      x = at;
    }
  }
}

}  // namespace

CheckReport check_gradient(const OpCase& example, const CheckOptions& options) {
  Judge j(options);
  if (options.rows < 1) throw Error("check", std::to_string(options.rows) + " rows", "give at least 1");
  Recorded recorded(j, example);
  const Program& program = recorded.program.front();
  Bindings<double> b(program);
  for (std::size_t i = 0; i < recorded.names.size(); ++i)
    b.input(recorded.names[i], recorded.inputs[i].data(), recorded.rows);
  if (!recorded.indices.empty()) b.index("indices", recorded.indices.data());
  b.rows(recorded.rows);
  b.parameters(recorded.parameters.data());
  judge_batches(j, recorded, b);
  judge_parameters(j, program, b, recorded.parameters);
  return j.report;
}

CheckReport check_gradient(const Program& program, const Bindings<double>& bindings,
                           const std::vector<double>& parameters, const CheckOptions& options) {
  if (static_cast<int>(parameters.size()) != program.parameters().size())
    throw Error("check", std::to_string(parameters.size()) + " parameters given",
                "give " + std::to_string(program.parameters().size()));
  Judge j(options);
  judge_parameters(j, program, bindings, parameters);
  return j.report;
}

}  // namespace pigrad
