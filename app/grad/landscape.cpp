#include "../../lab/landscape.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>

#include "../../core/error.hpp"
#include "../../core/parallel.hpp"
#include "../../lab/subject.hpp"
#include "../chart.hpp"
#include "../commands/options.hpp"
#include "../csv.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "../sheet.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "instrument.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string run, out;
  std::int64_t seed = -1;
  LandscapeOptions options;
  int threads = 0;
};

Chart chart_of(const Landscape& land, bool surrogate) {
  Chart chart;
  chart.title = surrogate ? "Surrogate" : "True return";
  chart.x_label = "step along the direction, by its mean KL's root: √(2·KL) to second order";
  chart.y_label = surrogate ? "mean ρΨ − mean Ψ" : "mean return of fresh episodes";
  for (const LandscapeLine& line : land.lines) {
    Series s;
    s.label = line.name;
    s.x = land.steps;
    s.y = surrogate ? line.surrogate : line.mean_return;
    for (std::size_t i = 0; !surrogate && i < s.y.size(); ++i) {
      s.low.push_back(s.y[i] - 1.96 * line.standard_error[i]);
      s.high.push_back(s.y[i] + 1.96 * line.standard_error[i]);
    }
    if (!surrogate && &line == &land.lines.front()) s.band_label = "95 % interval";
    chart.series.push_back(std::move(s));
  }
  return chart;
}

int run(Asked asked) {
  const Registry environments = all_environments();
  const Loaded loaded = load_checkpoint(asked.run, environments);
  const std::string folder = asked.out.empty() ? run_folder_of(asked.run) : asked.out;
  prove_file(folder + "/landscape.csv");
  const auto subject = opened(loaded.settings, loaded.state, environments);
  asked.options.seed = static_cast<std::uint64_t>(asked.seed >= 0 ? asked.seed : loaded.settings.seed);
  asked.options.threads = threads_or_all(asked.threads);
  const Landscape land = landscape(*subject, loaded.state, environments, asked.options);

  Table table({{"direction"},
               {"cosine to gradient", true},
               {"surrogate's slope", true},
               {"best return", true},
               {"at step", true},
               {"surrogate there", true}});
  std::string csv = "direction,step,surrogate,kl,mean_return,standard_error\n";
  for (const LandscapeLine& line : land.lines) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < land.steps.size(); ++i) {
      if (line.mean_return[i] > line.mean_return[best]) best = i;
      csv += line.name + "," + shortest(land.steps[i]) + "," + shortest(line.surrogate[i]) + "," +
             shortest(line.kl[i]) + "," + shortest(line.mean_return[i]) + "," + shortest(line.standard_error[i]) + "\n";
    }
    table.row({line.name, six_digits(line.cosine), six_digits(line.slope), six_digits(line.mean_return[best]),
               six_digits(land.steps[best]), six_digits(line.surrogate[best])});
  }
  Sheet sheet;
  Panels panels;
  panels.title =
      "Landscapes around " + loaded.settings.recipe + ", epoch " + std::to_string(loaded.algorithm->epochs_done());
  panels.subtitle = std::to_string(land.rows) + " steps for directions and surrogate, " +
                    std::to_string(asked.options.episodes) + " episodes a point";
  panels.columns = 2;
  panels.charts = {chart_of(land, true), chart_of(land, false)};
  sheet.panels.push_back(std::move(panels));
  write_sheet(sheet, folder, "landscape");
  write_text(folder + "/landscape.csv", csv);
  std::cout << table.text() << folder << ": landscape.svg, landscape.png, landscape.csv\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  add_checkpoint(parser, asked->run);
  parser.add_option("--points", asked->options.points, "Steps to each side of the policy")
      ->capture_default_str()
      ->check(whole(1, 1000));
  parser.add_option("--radius", asked->options.radius, "The farthest step: KL there is about ½·radius²")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  parser.add_option("--random", asked->options.random, "How many random directions")
      ->capture_default_str()
      ->check(whole(0, 100));
  parser
      .add_option("--sampled", asked->options.sample_episodes, "Episodes that directions and surrogate are made from")
      ->capture_default_str()
      ->check(whole(1, 100000));
  parser.add_option("--episodes", asked->options.episodes, "Episodes of each point's true return")
      ->capture_default_str()
      ->check(whole(2, 1000000));
  add_seed(parser, asked->seed, "Of episodes and directions; the run's if left out");
  add_threads(parser, asked->threads);
  add_out(parser, asked->out, "FOLDER", "The folder of the pictures; the run's if left out");
  return [asked] { return run(*asked); };
}

}  // namespace

Command landscape_instrument() {
  return {"landscape", "Surrogate and true return along the gradient, the natural one and random directions",
          "  pigrad grad landscape runs/a2c-cartpole-seed1\n"
          "  pigrad grad landscape runs/ppo-pendulum-seed1 --episodes 400 --radius 0.5",
          declare};
}

}  // namespace pigrad::app
