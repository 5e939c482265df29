#include "command.hpp"
#include "commands/ablate.hpp"
#include "commands/eval.hpp"
#include "commands/exercise.hpp"
#include "commands/export.hpp"
#include "commands/grad.hpp"
#include "commands/import.hpp"
#include "commands/lab.hpp"
#include "commands/list.hpp"
#include "commands/play.hpp"
#include "commands/plot.hpp"
#include "commands/results.hpp"
#include "commands/sweep.hpp"
#include "commands/trace.hpp"
#include "commands/train.hpp"

namespace pigrad::app {

std::vector<Command> commands() {
  return {train_command(), eval_command(), play_command(),   export_command(),  import_command(),
          sweep_command(), plot_command(), ablate_command(), results_command(), list_command(),
          trace_command(), grad_command(), lab_command(),    exercise_command()};
}

}  // namespace pigrad::app
