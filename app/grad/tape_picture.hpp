#pragma once
#include <string>
#include <vector>

#include "../../lab/tape_view.hpp"

namespace pigrad::app {

/// The opened tape as a table: node, op, operands, shape, value, adjoint. Longer vectors are told by their norm.
std::string tape_table(const std::vector<TapeNode>& nodes);

/// The opened tape as an SVG graph, leaves on the left: what carries a gradient in colour and with its adjoint's norm,
/// the rest grey.
std::string tape_svg(const std::vector<TapeNode>& nodes, const std::string& title);

}  // namespace pigrad::app
