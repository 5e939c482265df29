#pragma once
#include <string>
#include <utility>
#include <vector>

namespace pigrad::app {

/// "0.1.0"
std::string version();

/// What a run's result can depend on besides its settings: names and values, in order. pigrad, commit ("unknown"
/// outside a checkout; "+" after it where files had been changed when the program was built), build, compiler, eigen,
/// mujoco ("none" without it), parallel, isa (the kernels that are used), cpu, cores. Nothing names this machine or its
/// folders.
std::vector<std::pair<std::string, std::string>> versions();

}  // namespace pigrad::app
