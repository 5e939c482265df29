#include "command.hpp"
#include "commands/eval.hpp"
#include "commands/list.hpp"
#include "commands/play.hpp"
#include "commands/trace.hpp"
#include "commands/train.hpp"

namespace pigrad::app {

std::vector<Command> commands() {
  return {train_command(), eval_command(), play_command(), list_command(), trace_command()};
}

}  // namespace pigrad::app
