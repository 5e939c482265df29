#include "lab.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>

#include "../../core/parallel.hpp"
#include "../files.hpp"
#include "../lab/picture.hpp"
#include "../lab/report.hpp"
#include "../progress.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "../versions.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

constexpr int kDoesNotHold = 1;

struct Asked {
  std::string name, out = "runs/lab";
  std::int64_t seed = 1;
  int threads = 0;
  double effort = 1;
  bool control = false, quiet = false;
};

int list(int columns) {
  Table table({{"experiment"}, {"what it shows"}});
  for (const lab::Experiment& one : lab::experiments()) table.row({one.name, one.title});
  std::cout << table.text(columns) << "\npigrad lab NAME runs one, pigrad lab all runs them all into one page.\n";
  return 0;
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Page run_one(const lab::Experiment& experiment, const Asked& asked, Progress& progress, int before, int all) {
  lab::ExperimentSettings settings;
  settings.seed = static_cast<std::uint64_t>(asked.seed);
  settings.threads = threads_or_all(asked.threads);
  settings.effort = asked.effort;
  settings.control = asked.control;
  settings.progress = [&](double share, const std::string& what) {
    progress.note(std::string(experiment.name) + ": " + what);
    progress.update(static_cast<int>((before + share) * 100 / all), 0);
  };
  Page page{&experiment, {}, now()};
  page.result = experiment.run(settings);
  page.seconds = now() - page.seconds;
  return page;
}

std::vector<std::pair<std::string, std::string>> facts(const Asked& asked, double seconds) {
  std::vector<std::pair<std::string, std::string>> all = {{"pigrad", version()}};
  for (const auto& [name, value] : versions())
    if (name != "pigrad") all.emplace_back(name, value);
  all.emplace_back("seed", std::to_string(asked.seed));
  all.emplace_back("effort", six_digits(asked.effort));
  all.emplace_back("threads", std::to_string(threads_or_all(asked.threads)));
  all.emplace_back("made in", duration(seconds));
  return all;
}

int run_all(const Asked& asked, const std::string& folder, const Display& display) {
  const double start = now();
  std::vector<Page> pages;
  Table table({{"experiment"}, {"claims", true}, {"hold", true}, {"seconds", true}});
  const auto& experiments = lab::experiments();
  {
    Progress progress(display, 100);
    progress.count("percent");
    for (const lab::Experiment& one : experiments) {
      pages.push_back(
          run_one(one, asked, progress, static_cast<int>(pages.size()), static_cast<int>(experiments.size())));
      const auto& claims = pages.back().result.claims;
      const auto held = std::count_if(claims.begin(), claims.end(), [](const lab::Claim& c) { return c.holds; });
      table.row({one.name, std::to_string(claims.size()), std::to_string(held), six_digits(pages.back().seconds)});
    }
    progress.finish();
  }
  const std::string path = folder + "/report.html";
  write_text(path, report_html(pages, facts(asked, now() - start)));
  if (!asked.quiet) std::cout << table.text(display.columns()) << "\n" << path << "\n";
  return std::all_of(pages.begin(), pages.end(), [](const Page& page) { return page.result.holds(); }) ? 0
                                                                                                       : kDoesNotHold;
}

int run(const Asked& asked) {
  const Display display = standard_output(asked.quiet);
  if (asked.name == "list") return list(display.columns());
  if (asked.name != "all") lab::find_experiment(asked.name);
  std::error_code refused;  // of which prove_file has better words
  std::filesystem::create_directories(asked.out, refused);
  prove_file(asked.out + "/" + (asked.name == "all" ? "report.html" : asked.name + ".svg"));
  if (asked.name == "all") return run_all(asked, asked.out, display);
  const lab::Experiment& experiment = lab::find_experiment(asked.name);
  Progress progress(display, 100);
  progress.count("percent");
  const Page page = run_one(experiment, asked, progress, 0, 1);
  progress.finish();
  write_sheet(experiment_picture(page.result, experiment.title), asked.out, experiment.name);
  write_text(asked.out + "/" + experiment.name + ".csv", experiment_numbers(page.result));
  if (!asked.quiet)
    std::cout << "\n" << page_text(page, display.columns()) << asked.out << "/" << experiment.name << ".svg\n";
  return page.result.holds() ? 0 : kDoesNotHold;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("experiment", asked->name, "A name of `pigrad lab list`; all: every one, into one HTML page")
      ->required()
      ->type_name("");
  add_seed(parser, asked->seed, "Of policies and samples")->capture_default_str();
  add_out(parser, asked->out, "FOLDER", "Folder for NAME.svg, NAME.png and NAME.csv, or report.html")
      ->capture_default_str();
  parser.add_option("--effort", asked->effort, "Share of the full number of samples")
      ->capture_default_str()
      ->check(CLI::Range(1e-3, 1e3));
  add_threads(parser, asked->threads);
  parser.add_flag("--control", asked->control, "Break what the main claim rests on: it must then not hold");
  parser.add_flag("--quiet", asked->quiet, "Say nothing but mistakes");
  return [asked] { return run(*asked); };
}

}  // namespace

Command lab_command() {
  return {"lab", "Try claims of the policy-gradient theory against exact answers",
          "  pigrad lab list\n"
          "  pigrad lab baseline\n"
          "  pigrad lab all --out report",
          declare};
}

}  // namespace pigrad::app
