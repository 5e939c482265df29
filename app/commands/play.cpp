#include "play.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>

#include "../../core/error.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "../film.hpp"
#include "../recipes.hpp"
#include "../run_folder.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

namespace fs = std::filesystem;

struct Asked {
  std::vector<std::string> runs;
  bool each = false, sampled = false;
  std::string out, variant;
  FilmOptions film;
};

/// A policy to be shown: a checkpoint, or a recipe's start where there is no file.
struct Part {
  std::string file, recipe;
};

bool is_recipe(const std::string& name) {
  for (const Recipe& recipe : recipes())
    if (recipe.name == name) return true;
  return false;
}

// The run of a recipe that was saved last, of those in runs/; empty where there is none.
std::string newest_run(const std::string& recipe) {
  std::string newest;
  fs::file_time_type time;
  std::error_code fault;
  for (const auto& entry : fs::directory_iterator("runs", fault)) {
    const std::string file = (entry.path() / "last.safetensors").string();
    if (!entry.path().filename().string().starts_with(recipe + "-seed") || !fs::exists(file, fault)) continue;
    const auto written = fs::last_write_time(file, fault);
    if (!newest.empty() && written <= time) continue;
    newest = entry.path().string();
    time = written;
  }
  return newest;
}

std::vector<Part> parts_of(const Asked& asked) {
  std::vector<Part> parts;
  for (const std::string& name : asked.runs) {
    std::string run = name;
    std::error_code fault;
    if (!fs::exists(name, fault) && is_recipe(name)) {
      run = asked.variant.empty() ? newest_run(name) : "";
      std::cout << (run.empty() ? name + ": no run of it is in runs/; shown as it starts, untrained\n"
                                : name + ": its newest run, " + run + "\n");
      if (run.empty()) {
        parts.push_back({"", name});
        continue;
      }
    }
    if (!asked.each || !fs::is_directory(run, fault)) {
      parts.push_back({checkpoint_path(run), ""});
      continue;
    }
    const auto kept = kept_checkpoints({run_folder_of(run)});
    if (kept.empty())
      throw Error(run, "it keeps no epoch-N.safetensors",
                  "train with --set checkpoint_every=N --set checkpoints_kept=M, or leave out --each");
    for (const std::string& file : kept) parts.push_back({file, ""});
  }
  return parts;
}

// Beside what is shown: RUN/play.gif, RUN/epoch-10.gif for another of its checkpoints, RECIPE.gif for a start.
std::string out_of(const Asked& asked, const std::vector<Part>& parts) {
  if (!asked.out.empty()) return asked.out;
  if (parts.front().file.empty()) return parts.front().recipe + ".gif";
  const fs::path file = parts.front().file;
  const std::string name = file.stem() == "last" || parts.size() > 1 ? "play" : file.stem().string();
  return (file.parent_path() / (name + ".gif")).string();
}

std::string epoch_words(const Algorithm& algorithm) {
  return algorithm.epochs_done() == 0 ? "untrained" : "epoch " + std::to_string(algorithm.epochs_done());
}

// What tells the policies apart: the recipe, where there is one; the epoch, in one run; else the folder's name too.
std::string title(const Part& part, const Algorithm& algorithm, std::size_t runs, std::size_t parts) {
  if (parts > 1 && runs == 1) return epoch_words(algorithm);
  const std::string folder = fs::path(part.file).parent_path().filename().string();
  const bool by_folder = runs > 1 && !folder.empty() && folder != ".";
  return (by_folder ? folder : algorithm.settings().recipe) + ", " + epoch_words(algorithm);
}

int run(const Asked& asked) {
  if (!asked.out.empty() && !asked.out.ends_with(".gif"))
    throw Error("--out " + asked.out, "an animation is a GIF", "give a name that ends in .gif");
  if (!asked.out.empty()) prove_file(asked.out);
  const Registry environments = all_environments();
  const std::vector<Part> parts = parts_of(asked);
  FilmOptions options = asked.film;
  options.greedy = !asked.sampled;
  std::vector<Film> films;
  Table table({{"policy"}, {"epoch", true}, {"returns"}});
  for (const Part& part : parts) {
    Loaded loaded;
    if (part.file.empty()) {
      loaded.settings = recipe_settings(part.recipe, asked.variant);
      loaded.algorithm = make_algorithm(loaded.settings, environments);
    } else {
      loaded = load_checkpoint(part.file, environments);
    }
    films.push_back(film(*loaded.algorithm, title(part, *loaded.algorithm, asked.runs.size(), parts.size()), options));
    std::string returns;
    for (const auto& episode : films.back().episodes)
      returns += (returns.empty() ? "" : ", ") + six_digits(episode.back().total);
    table.row({part.file.empty() ? part.recipe : part.file, std::to_string(loaded.algorithm->epochs_done()), returns});
  }
  const std::string path = out_of(asked, parts);
  const std::string bytes = draw_films(films, options);
  write_text(path, bytes);
  std::cout << table.text() << path << ": " << (asked.sampled ? "sampled" : "greedy") << " actions, "
            << (bytes.size() + 512) / 1024 << " KB\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser
      .add_option("runs", asked->runs,
                  "Run folders (the last checkpoint of each), .safetensors files, or recipes (the newest run, or the "
                  "start where there is none); several are shown side by side")
      ->required()
      ->type_name("");
  parser.add_flag("--each", asked->each, "Every kept checkpoint of a run, side by side");
  parser.add_option("--variant", asked->variant, "Of a recipe: show how this variant starts");
  parser.add_option("--episodes", asked->film.episodes, "Episodes of each, one after the other")
      ->capture_default_str()
      ->check(whole(1, 1000));
  add_seed(parser, asked->film.seed, "Seed of starts and sampled actions; the run's if left out");
  parser.add_flag("--sampled", asked->sampled, "Sample actions instead of taking the most probable");
  parser.add_option("--steps", asked->film.most_steps, "Most steps of an episode; its time limit if left out")
      ->check(whole(1, 1000000));
  parser.add_option("--fps", asked->film.most_frames, "Most frames a second; steps between them are not drawn")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 50.0));
  add_out(parser, asked->out, "FILE", "The .gif file; beside the checkpoint if left out");
  return [asked] { return run(*asked); };
}

}  // namespace

Command play_command() {
  return {"play", "Draw a policy acting in its environment, as an animated GIF",
          "  pigrad play runs/a2c-cartpole-seed1\n"
          "  pigrad play runs/a2c-cartpole-seed1 --each --out learning.gif\n"
          "  pigrad play runs/a2c-cartpole-seed1/best.safetensors --episodes 3 --sampled --seed 7\n"
          "  pigrad play a2c-cartpole reinforce-cartpole --steps 200",
          declare};
}

}  // namespace pigrad::app
