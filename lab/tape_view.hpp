#pragma once
#include <string>
#include <vector>

#include "../core/workspace.hpp"

namespace pigrad {

/// A node of a program as one run left it.
struct TapeNode {
  int id = 0;
  std::string op;     ///< "affine", or "input", "index", "parameter", "constant"
  std::string label;  ///< what it was named; of leaves the input's or segment's name
  std::vector<int> operands;
  std::string shape;
  std::vector<double> value, adjoint;  ///< row-major, empty where there is none
  bool carries_gradient = false;
};

/// Runs a program forward and backward and opens every node that its loss or outputs depend on.
/// @param rows how many rows of batch nodes to show, at most the run's
std::vector<TapeNode> open_tape(const Program& program, const Bindings<double>& bindings, int rows = 1);

/// Where each node of such a list is drawn: its layer, counted from the leaves, and its place in it, so that an edge
/// always leads to a later layer. An operand lies as late as its first reader lets it.
struct TapePlace {
  int layer = 0, place = 0;
};
std::vector<TapePlace> arrange_tape(const std::vector<TapeNode>& nodes);

}  // namespace pigrad
