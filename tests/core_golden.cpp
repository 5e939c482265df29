#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <set>

#include "golden.hpp"

using namespace pigrad;
using pigrad_test::golden;

namespace {

using Operands = std::vector<Tensor>;
using Record = Tensor (*)(const Operands&);

const std::map<std::string, Record>& records() {
  static const std::map<std::string, Record> all{
      {"neg", [](const Operands& x) { return -x[0]; }},
      {"exp", [](const Operands& x) { return exp(x[0]); }},
      {"log", [](const Operands& x) { return log(x[0]); }},
      {"tanh", [](const Operands& x) { return tanh(x[0]); }},
      {"relu", [](const Operands& x) { return relu(x[0]); }},
      {"elu", [](const Operands& x) { return elu(x[0]); }},
      {"sigmoid", [](const Operands& x) { return sigmoid(x[0]); }},
      {"softplus", [](const Operands& x) { return softplus(x[0]); }},
      {"square", [](const Operands& x) { return square(x[0]); }},
      {"sqrt", [](const Operands& x) { return sqrt(x[0]); }},
      {"abs", [](const Operands& x) { return abs(x[0]); }},
      {"clamp", [](const Operands& x) { return clamp(x[0], -0.7, 0.9); }},
      {"stop_gradient", [](const Operands& x) { return stop_gradient(x[0]); }},
      {"add", [](const Operands& x) { return x[0] + x[1]; }},
      {"sub", [](const Operands& x) { return x[0] - x[1]; }},
      {"mul", [](const Operands& x) { return x[0] * x[1]; }},
      {"div", [](const Operands& x) { return x[0] / x[1]; }},
      {"min", [](const Operands& x) { return min(x[0], x[1]); }},
      {"max", [](const Operands& x) { return max(x[0], x[1]); }},
      {"where", [](const Operands& x) { return where(x[0], x[1], x[2]); }},
      {"affine", [](const Operands& x) { return affine(x[0], x[1], x[2]); }},
      {"matmul", [](const Operands& x) { return matmul(x[0], x[1]); }},
      {"logsumexp", [](const Operands& x) { return logsumexp(x[0]); }},
      {"softmax", [](const Operands& x) { return softmax(x[0]); }},
      {"log_softmax", [](const Operands& x) { return log_softmax(x[0]); }},
      {"sum", [](const Operands& x) { return sum(x[0]); }},
      {"sum_rows", [](const Operands& x) { return sum(x[0], Axis::rows); }},
      {"sum_columns", [](const Operands& x) { return sum(x[0], Axis::columns); }},
      {"mean", [](const Operands& x) { return mean(x[0]); }},
      {"mean_rows", [](const Operands& x) { return mean(x[0], Axis::rows); }},
      {"mean_columns", [](const Operands& x) { return mean(x[0], Axis::columns); }},
      {"gather", [](const Operands& x) { return gather(x[0], x[1]); }},
      {"concatenate", [](const Operands& x) { return concatenate(x[0], x[1]); }},
      {"slice", [](const Operands& x) { return slice(x[0], 1, 2); }},
      {"expand", [](const Operands& x) { return expand(x[0], x[1]); }}};
  return all;
}

/// The largest difference, relative to each entry or a thousandth of the largest.
double worst_error(const std::vector<double>& found, const std::vector<double>& expected) {
  double scale = 1e-300, worst = found.size() == expected.size() ? 0 : 1e300;
  for (const double v : expected) scale = std::max(scale, std::abs(v));
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    const double error = std::abs(found[i] - expected[i]) / std::max(std::abs(expected[i]), 1e-3 * scale);
    worst = error <= worst ? worst : std::isnan(error) ? 1e300 : error;
  }
  return worst;
}

std::vector<double> row_major(View<const double> v, int rows, int columns) {
  std::vector<double> all;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) all.push_back(v ? v.data[r * v.row_stride + c * v.column_stride] : 0);
  return all;
}

void check_case(const nlohmann::json& expected, const std::string& backend) {
  ParameterLayout layout;
  std::vector<double> parameters;
  std::vector<std::vector<double>> values;
  std::vector<std::int32_t> index;
  const auto& operands = expected["operands"];
  for (std::size_t i = 0; i < operands.size(); ++i) {
    values.push_back(operands[i]["values"].get<std::vector<double>>());
    if (operands[i]["batch"]) continue;
    layout.add("p" + std::to_string(i), operands[i]["rows"], operands[i]["columns"]);
    parameters.insert(parameters.end(), values[i].begin(), values[i].end());
  }
  Tape t(layout);
  Operands x;
  for (std::size_t i = 0; i < operands.size(); ++i)
    x.push_back(operands[i]["batch"] ? t.input("x" + std::to_string(i), operands[i]["columns"], true)
                                     : t.parameter("p" + std::to_string(i)));
  if (expected.contains("index")) {
    index = expected["index"].get<std::vector<std::int32_t>>();
    x.push_back(t.index("index"));
  }
  const Tensor y = records().at(expected["op"])(x);
  const auto cotangent = expected["cotangent"].get<std::vector<double>>();
  const int columns = y.shape().columns, height = static_cast<int>(cotangent.size()) / columns;
  const Tensor c = y.shape().is_batch() ? t.input("c", columns) : t.constant(height, columns, cotangent);
  const Program program = t.program(sum(y * c), {{"y", y}});
  Bindings<double> b(program);
  b.parameters(parameters.data());
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (operands[i]["batch"]) b.input("x" + std::to_string(i), values[i].data(), 1, operands[i]["columns"]);
  if (y.shape().is_batch()) b.input("c", cotangent.data(), 1, columns);
  if (!index.empty()) b.index("index", index.data());
  b.rows(5);
  Workspace<double> workspace(program, backend);
  std::vector<double> gradient(parameters.size());
  workspace.run(b, Sink<double>::sum(gradient.data()), {.keep = true});
  CHECK(worst_error(row_major(workspace.value(y.id()), height, columns), expected["result"]) <= 1e-12);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    CAPTURE(i);
    const int rows = operands[i]["rows"], width = operands[i]["columns"];
    const bool batch = operands[i]["batch"];
    const auto* own = batch ? nullptr : gradient.data() + layout.find("p" + std::to_string(i)).offset;
    const auto found =
        batch ? row_major(workspace.adjoint(x[i].id()), rows, width) : std::vector<double>(own, own + rows * width);
    CHECK(worst_error(found, operands[i]["adjoint"]) <= 1e-12);
  }
}

}  // namespace

TEST_CASE("every op's values and adjoints are PyTorch's in float64") {
  const auto data = golden("ops.json");
  std::set<std::string> seen, listed;
  for (const auto& expected : data["cases"]) {
    CAPTURE(expected.dump());
    seen.insert(expected["op"]);
    for (const std::string& backend : backend_names()) {
      CAPTURE(backend);
      check_case(expected, backend);
    }
  }
  for (const Op* op : builtin_ops()) listed.insert(op->name);
  CHECK(seen == listed);
}
