#include "results.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "../many/grid.hpp"
#include "../many/results.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string seeds = "10";
  ResultsOptions options;
};

int run(const Asked& asked) {
  ResultsOptions options = asked.options;
  options.seeds = parse_seeds(asked.seeds);
  return results(options);
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("recipes", asked->options.wanted, "RECIPE or RECIPE:VARIANT; all of them if left out")
      ->type_name("");
  parser.add_option("--seeds", asked->seeds, "10: seeds 1 to 10; or a list, 1,5,7; or a range")
      ->type_name("SEEDS")
      ->capture_default_str();
  parser.add_option("--jobs", asked->options.batch.jobs, "Runs at a time; as many as cores if left out")
      ->check(whole(1, most_threads));
  add_out(parser, asked->options.out, "FILE", "The page; docs/results.md, or results.md where there is no docs/");
  parser.add_option("--published", asked->options.published, "What others reached; docs/published.csv if it is there")
      ->type_name("FILE")
      ->check(filled());
  parser.add_option("--runs", asked->options.runs, "Where the runs are; finished ones are taken as they are")
      ->type_name("FOLDER")
      ->capture_default_str()
      ->check(filled());
  parser.add_flag("--quiet", asked->options.batch.quiet, "Say nothing but mistakes");
  return [asked] { return run(*asked); };
}

}  // namespace

Command results_command() {
  return {"results", "Make the table of what every recipe reaches (docs/results.md)",
          "  pigrad results\n"
          "  pigrad results a2c-cartpole:source reinforce-cartpole --seeds 1-100 --out results.md",
          declare};
}

}  // namespace pigrad::app
