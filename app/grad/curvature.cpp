#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>

#include "../../core/error.hpp"
#include "../../core/parallel.hpp"
#include "../../lab/policy_curvature.hpp"
#include "../../lab/subject.hpp"
#include "../chart.hpp"
#include "../commands/options.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "instrument.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string run, out;
  std::int64_t seed = -1;
  CurvatureOptions options;
  int threads = 0;
};

Chart spectra(const PolicyCurvature& found) {
  Chart chart;
  chart.x_label = "number of the eigenvalue, from the largest";
  chart.y_label = "log₁₀ of the eigenvalue";
  for (const MatrixSpectrum& m : found.matrices) {
    Series s;
    s.label = m.name;
    for (std::size_t i = 0; i < m.values.size(); ++i) {
      s.x.push_back(static_cast<double>(i + 1));
      s.y.push_back(m.values[i] > 0 ? std::log10(m.values[i]) : std::numeric_limits<double>::quiet_NaN());
    }
    chart.series.push_back(std::move(s));
  }
  return chart;
}

void print(const PolicyCurvature& found) {
  constexpr double rounding = 1e-14;
  Table largest({{"eigenvalue", true}, {"matrix"}, {"value", true}, {"within", true}, {"of the gradient", true}});
  for (const MatrixSpectrum& m : found.matrices)
    for (std::size_t i = 0; i < m.values.size(); ++i)
      largest.row({std::to_string(i + 1), m.name, six_digits(m.values[i]),
                   six_digits(m.residuals[i] > rounding ? m.residuals[i] : 0), six_digits(100 * m.shares[i]) + " %"});
  Table angles({{"damping", true},
                {"natural gradient turns by", true},
                {"its length", true},
                {"products", true},
                {"residual", true}});
  for (const NaturalAngle& a : found.angles)
    angles.row({six_digits(a.damping), six_digits(a.degrees) + "°", six_digits(a.length), std::to_string(a.products),
                six_digits(a.residual)});
  std::cout << found.rows << " steps; the plain gradient has length " << six_digits(found.gradient_norm) << "\n\n"
            << largest.text() << "\n"
            << angles.text();
}

int run(Asked asked) {
  const Registry environments = all_environments();
  const Loaded loaded = load_checkpoint(asked.run, environments);
  const std::string folder = asked.out.empty() ? run_folder_of(asked.run) : asked.out;
  prove_file(folder + "/curvature.svg");
  const auto subject = opened(loaded.settings, loaded.state, environments);
  asked.options.seed = static_cast<std::uint64_t>(asked.seed >= 0 ? asked.seed : loaded.settings.seed);
  asked.options.threads = threads_or_all(asked.threads);
  const PolicyCurvature found = policy_curvature(*subject, loaded.state, asked.options);
  print(found);
  Chart chart = spectra(found);
  chart.title =
      "Curvature around " + loaded.settings.recipe + ", epoch " + std::to_string(loaded.algorithm->epochs_done());
  chart.subtitle = "largest eigenvalues over the policy's parameters, " + std::to_string(found.rows) +
                   " steps; those below 0 are gaps";
  write_text(folder + "/curvature.svg", draw_svg(chart));
  write_text(folder + "/curvature.png", draw_png(chart));
  std::cout << "\n" << folder << ": curvature.svg, curvature.png\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  add_checkpoint(parser, asked->run);
  parser.add_option("--eigenvalues", asked->options.eigenvalues, "How many of each matrix, the largest")
      ->capture_default_str()
      ->check(whole(1, 1000));
  parser.add_option("--steps", asked->options.steps, "Of Lanczos' iteration, a product each")
      ->capture_default_str()
      ->check(whole(1, 10000));
  parser.add_option("--damping", asked->options.dampings, "λ of the natural gradients (F + λI)⁻¹ g")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  parser.add_option("--sampled", asked->options.sample_episodes, "Episodes that everything is a mean over")
      ->capture_default_str()
      ->check(whole(1, 100000));
  add_seed(parser, asked->seed, "Of episodes and start vectors; the run's if left out");
  add_threads(parser, asked->threads);
  add_out(parser, asked->out, "FOLDER", "The folder of the pictures; the run's if left out");
  return [asked] { return run(*asked); };
}

}  // namespace

Command curvature_instrument() {
  return {"curvature", "Largest eigenvalues of Fisher and Hessian, and how far the natural gradient turns",
          "  pigrad grad curvature runs/a2c-cartpole-seed1\n"
          "  pigrad grad curvature runs/ppo-pendulum-seed1 --eigenvalues 20 --damping 0.1,0.01",
          declare};
}

}  // namespace pigrad::app
