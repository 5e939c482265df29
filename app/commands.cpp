#include "command.hpp"
#include "commands/list.hpp"

namespace pigrad::app {

std::vector<Command> commands() { return {list_command()}; }

}  // namespace pigrad::app
