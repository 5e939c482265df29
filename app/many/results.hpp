#pragma once
#include "batch.hpp"

namespace pigrad::app {

/// What others reached with a recipe: the original's figure and the PyTorch reference's, as words; and the bar, under
/// which a run counts as failed. `epochs`: how many last ones are its score, where an epoch is one episode for
/// instance. `figure`: what the bar is of: `last`, that score, whose bar is the reference's 10th percentile; `greedy`,
/// the trained policy's most probable actions, whose bar is what others publish of one agent, or was asked for;
/// `stuck`, that score, and a bar above a local optimum in which the original too can stay: told, and judged by
/// nothing.
struct Published {
  std::string recipe, variant, original, reference;
  double bar = 0;  ///< NaN where none is set
  int epochs = 10;
  std::string figure = "last";
};

/// A CSV file with the columns recipe, variant, original, reference, bar, epochs, figure (last if left out). Throws
/// Error if it has others, or another figure.
std::vector<Published> read_published(const std::string& path);

struct ResultsOptions {
  std::vector<std::string> wanted;  ///< RECIPE or RECIPE:VARIANT; empty: every variant of every recipe
  std::vector<std::int64_t> seeds;
  std::string out;                    ///< the page; empty: docs/results.md, or results.md where there is no docs/
  std::string published;              ///< empty: docs/published.csv, or nothing where that is not
  std::string runs = "runs/results";  ///< where the run folders are; finished ones are taken as they are
  BatchOptions batch;
};

/// Trains the recipes over the seeds and writes the table of docs/results.md. Returns the exit status.
int results(ResultsOptions options);

}  // namespace pigrad::app
