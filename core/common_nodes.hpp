#pragma once
#include <utility>
#include <vector>

#include "program.hpp"

namespace pigrad {

/// Pairs of batch nodes, one of each program, that are the same function of inputs and parameters: the same ops from
/// inputs of the same name, parameters of the same name and place, and the same constants. In the second's order.
std::vector<std::pair<int, int>> common_nodes(const Program& first, const Program& second);

}  // namespace pigrad
