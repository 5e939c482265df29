#include "plot.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>

#include "../../core/error.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "../many/curves.hpp"
#include "../many/groups.hpp"
#include "../run_folder.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::vector<std::string> runs, by;
  std::string band = "iqr", title, out;
  CurveChoice choice;
  bool lines = false;
};

std::string count_of(std::size_t n) { return std::to_string(n) + (n == 1 ? " run" : " runs"); }

std::string subtitle(const Asked& asked, bool summary) {
  std::string words = !summary      ? "a line is a run"
                      : asked.lines ? std::string(find_band(asked.band).words) + ", thin lines: the runs"
                                    : find_band(asked.band).words;
  if (asked.choice.smooth > 1)
    words += "; each run is first smoothed: mean of " + std::to_string(asked.choice.smooth) + " epochs, looking back";
  return words;
}

/// The environment's best return, where all runs are of one environment and the curve is of returns.
std::vector<ReferenceLine> references(const std::vector<FoundRun>& runs, const CurveChoice& choice) {
  if (choice.y != CurveChoice().y) return {};
  const std::string environment = runs[0].settings.at("environment");
  for (const FoundRun& run : runs)
    if (run.settings.at("environment") != environment) return {};
  const Registry environments = all_environments();
  if (!environments.contains(environment)) return {};
  const double best = environments.spec(environment).best_return;
  if (!std::isfinite(best)) return {};
  return {{best, "best possible"}};
}

/// The environments' names, or their number where they are many.
std::string environments_of(const std::vector<FoundRun>& runs) {
  constexpr std::size_t most = 3;
  std::vector<std::string> names;
  for (const FoundRun& run : runs) {
    const std::string& name = run.settings.at("environment");
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (names.size() > most) return std::to_string(names.size()) + " environments";
  std::string all;
  for (std::size_t i = 0; i < names.size(); ++i)
    all += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return all;
}

Chart draw(const Asked& asked, const std::vector<FoundRun>& runs, const std::vector<Group>& groups) {
  Chart chart;
  bool summary = false;
  std::vector<Series> summaries;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<Curve> curves;
    for (const FoundRun* run : groups[g].runs)
      curves.push_back(read_curve(RunPaths{run->folder}.metrics(), asked.choice));
    summary = summary || curves.size() > 1;
    if (asked.lines && curves.size() > 1) {
      for (const Curve& curve : curves) {
        Series thin;
        thin.x = curve.x;
        thin.y = curve.y;
        thin.colour = static_cast<int>(g);
        thin.width = 1;
        thin.opacity = 0.45;
        chart.series.push_back(thin);
      }
    }
    Series series = summary_series(curves, asked.band);
    series.label = groups[g].label + " (" + count_of(curves.size()) + ")";
    series.colour = static_cast<int>(g);
    if (g >= 7) series.dashes = {7, 4};
    summaries.push_back(series);
  }
  chart.series.insert(chart.series.end(), summaries.begin(), summaries.end());
  chart.title = asked.title.empty() ? environments_of(runs) : asked.title;
  chart.subtitle = subtitle(asked, summary);
  chart.x_label = asked.choice.x_label();
  chart.y_label = asked.choice.y_label();
  chart.references = references(runs, asked.choice);
  if (groups.size() > 3) {
    chart.legend = Legend::right;
    chart.width = 1200;
    chart.make_room(groups.size());
  }
  return chart;
}

int run(const Asked& asked) {
  find_band(asked.band);
  const std::vector<FoundRun> runs = find_runs(asked.runs);
  std::string out = asked.out;
  if (out.empty()) out = asked.runs.size() == 1 ? run_folder_of(asked.runs[0]) + "/plot" : "plot";
  prove_file(out);
  const std::vector<Group> groups = group_runs(runs, asked.by);
  const Chart chart = draw(asked, runs, groups);
  const bool svg_only = out.ends_with(".svg"), png_only = out.ends_with(".png");
  if (svg_only || png_only) {
    write_text(out, svg_only ? draw_svg(chart) : draw_png(chart));
    std::cout << out;
  } else {
    write_text(out + ".svg", draw_svg(chart));
    write_text(out + ".png", draw_png(chart));
    std::cout << out << ".svg, " << out << ".png";
  }
  std::cout << ": " << count_of(runs.size()) << " in " << groups.size()
            << (groups.size() == 1 ? " group\n" : " groups\n");
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("runs", asked->runs, "Run folders, sweeps, or folders that hold some")->required()->type_name("");
  parser.add_option("--x", asked->choice.x, "steps, seconds or epochs")->capture_default_str();
  parser.add_option("--y", asked->choice.y, "A column of metrics.csv")->capture_default_str();
  parser.add_option("--by", asked->by, "Settings that make the groups; those that differ, but the seed, if left out")
      ->delimiter(',');
  parser.add_option("--band", asked->band, "iqr, ci, std, minmax or none")->capture_default_str();
  parser.add_flag("--lines", asked->lines, "Draw each run too");
  parser.add_option("--smooth", asked->choice.smooth, "Epochs of a moving average that looks back")
      ->capture_default_str()
      ->check(whole(1, 1000000));
  parser.add_option("--title", asked->title, "The environments' names if left out");
  parser.add_option("--out", asked->out, "NAME for NAME.svg and NAME.png, or one of the two files")->check(filled());
  return [asked] { return run(*asked); };
}

}  // namespace

Command plot_command() {
  return {"plot", "Draw learning curves of runs, sweeps and folders of them",
          "  pigrad plot runs/a2c-cartpole-seed1 --y train/entropy --x epochs\n"
          "  pigrad plot runs/sweep-a2c-cartpole --band ci --by gamma\n"
          "  pigrad plot runs/one runs/two runs/three --lines --smooth 5 --out three.svg",
          declare};
}

}  // namespace pigrad::app
