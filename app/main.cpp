#include "command.hpp"

int main(int argc, char** argv) { return pigrad::app::run_program(argc, argv); }
