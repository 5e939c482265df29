#include "command.hpp"
#include "signals.hpp"

int main(int argc, char** argv) {
  pigrad::app::prepare_process();
  return pigrad::app::run_program(argc, argv);
}
