#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <pigrad/app/chart.hpp>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/parallel.hpp>
#include <pigrad/rl/algorithm.hpp>

#include "a2c_update.hpp"
#include "harness.hpp"
#include "stepping.hpp"
#include "training_settings.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

/// Makes what is timed at a place of the curve, on so many threads. What it makes is kept while that place is measured.
using Make = std::function<Contender(int size, int threads)>;

/// One curve a number of threads: what, against which sizes, and how a step's seconds become the picture's figure.
struct Curve {
  std::string name, title, x_label, y_label;
  std::vector<int> sizes;
  Make make;
  std::function<double(int size, double seconds)> figure;   ///< higher is better
  std::function<double(int size, double seconds)> written;  ///< ns a row or step, in the report
};

/// Multiply-adds, two operations each, forward and backward through actor and critic; 52,352 a row at width 64.
double operations_a_row(int hidden) {
  const double h = hidden, in = UpdateShape::features, out = UpdateShape::actions + 1;
  const double forward = 2 * (2 * in * h + 2 * h * h + h * out), first = 2 * 2 * in * h;
  return 3 * forward - first;
}

Contender update(int hidden, int rows, int threads) {
  struct Held {
    Held(int width, int count, int on) : model({"", width, false}), data(count), tape(model, data.view(), on) {}
    UpdateModel model;
    UpdateData<float> data;
    TapeUpdate<float> tape;
  };
  const auto held = std::make_shared<Held>(hidden, rows, threads);
  return {"", [held] { held->tape.reset(); }, [held] { held->tape.step(); }};
}

Contender stepping(int copies, int threads) {
  const auto held = std::make_shared<Stepping>(copies);
  return {"", [] {}, [held, threads, i = 0]() mutable { held->step(threads, i++); }};
}

Contender loop(int copies, int threads) {
  TrainSettings settings = a2c_copies();
  settings.copies = copies;
  const auto held = std::make_shared<std::unique_ptr<Algorithm>>();
  const auto reset = [=] { *held = make_algorithm(settings, Registry::builtin()); };
  return {"", reset, [=] { (*held)->epoch(threads); }};
}

std::vector<int> powers(int first, int last, int factor) {
  std::vector<int> all;
  for (int n = first; n <= last; n *= factor) all.push_back(n);
  return all;
}

std::vector<Curve> curves() {
  constexpr int rows = 2048, steps = 16, most = 65536;
  const auto a_row = [](int count) { return [=](int, double s) { return 1e9 * s / count; }; };
  const auto of_size = [](double each) { return [=](int n, double s) { return 1e9 * s / (each * n); }; };
  const auto millions = [](double each) { return [=](int n, double s) { return 1e-6 * each * n / s; }; };
  return {
      {"width", "Update by width, 2048 rows", "width of both hidden layers, log2", "GFLOP/s", powers(16, 1024, 2),
       [](int n, int threads) { return update(n, rows, threads); },
       [](int n, double s) { return 1e-9 * operations_a_row(n) * rows / s; }, a_row(rows)},
      {"batch", "Update by batch, 64-64", "rows of the batch, log2", "million rows/s", powers(1, most, 4),
       [](int n, int threads) { return update(UpdateShape::hidden, n, threads); }, millions(1), of_size(1)},
      {"stepping", "CartPole-v1 alone, random actions", "copies, log2", "million steps/s", powers(1, most, 4),
       &stepping, millions(1), of_size(1)},
      {"loop", "A2C on CartPole-v1, copies × 16 steps, 64-64", "copies, log2", "million steps/s", powers(1, most, 4),
       &loop, millions(steps), of_size(steps)},
  };
}

void draw(const Curve& curve, const std::vector<int>& threads, const std::vector<std::vector<Spread>>& figures,
          const std::string& folder) {
  app::Chart chart;
  chart.title = curve.title;
  chart.subtitle = std::string("float, ") + find_backend<float>().name + "; median, least and most";
  chart.x_label = curve.x_label;
  chart.y_label = curve.y_label;
  for (std::size_t t = 0; t < threads.size(); ++t) {
    app::Series series;
    series.label = std::to_string(threads[t]) + (threads[t] == 1 ? " thread" : " threads");
    for (std::size_t i = 0; i < figures[t].size(); ++i) {
      series.x.push_back(std::log2(curve.sizes[i]));
      series.y.push_back(figures[t][i].median);
      series.low.push_back(figures[t][i].least);
      series.high.push_back(figures[t][i].most);
    }
    chart.series.push_back(series);
  }
  app::write_chart(chart, folder, "scaling-" + curve.name);
}

/// Measures a curve into the report, and draws it where there is a folder.
void measure(const Curve& curve, const Arguments& arguments, Report& report) {
  std::vector<std::vector<Spread>> figures(arguments.threads.size());
  for (const int size : curve.sizes) {
    Comparison comparison;
    comparison.what = curve.name + " " + std::to_string(size);
    comparison.base = arguments.threads.size() - 1;
    std::vector<Contender> contenders;
    for (const int threads : arguments.threads) {
      comparison.names.push_back(std::to_string(threads) + (threads == 1 ? " thread" : " threads"));
      contenders.push_back(curve.make(size, threads));
    }
    comparison.samples = interleave(contenders, arguments);
    for (std::size_t t = 0; t < contenders.size(); ++t) {
      std::vector<double> drawn;
      for (double& s : comparison.samples[t]) {
        drawn.push_back(curve.figure(size, s));
        s = curve.written(size, s);
      }
      figures[t].push_back(spread(drawn));
    }
    report.add(comparison);
  }
  if (!arguments.out.empty()) draw(curve, arguments.threads, figures, arguments.out);
}

}  // namespace

// Cost against width, batch and copies, on one thread and two. --sizes bounds them: no size above its largest is run.
int main(int argc, char** argv) try {
  Arguments arguments = Arguments::parse(argc, argv, {65536});
  std::erase_if(arguments.threads, [](int threads) { return threads > hardware_threads(); });
  if (arguments.threads.empty()) arguments.threads = {1};
  Report report("scaling", arguments, "ns a row or step", 2);
  report.fact("backend", find_backend<float>().name);
  report.fact("parallel", parallel_backend());
  report.fact("width", "update of 2048 rows, separate actor and critic, both hidden layers so wide");
  report.fact("batch", "the same at 64-64, rows");
  report.fact("stepping", "CartPole-v1, copies, random actions, resets included");
  report.fact("loop", "A2C, copies × 16 steps: collect, estimate, update, metrics");
  if (!arguments.out.empty()) std::filesystem::create_directories(arguments.out);
  const int most = *std::max_element(arguments.sizes.begin(), arguments.sizes.end());
  for (Curve curve : curves()) {
    std::erase_if(curve.sizes, [=](int size) { return size > most; });
    measure(curve, arguments, report);
  }
  report.finish();
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
