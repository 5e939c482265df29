#pragma once
#include <string>
#include <vector>

#include "fields.hpp"

namespace pigrad {

/// Puts the text into the field, without looking at Field::range or Field::choices. Returns false if it is of the wrong
/// type or does not fit into it.
bool assign(const Field& field, const std::string& text);
bool assign(const Field& field, const std::vector<std::string>& items);

}  // namespace pigrad
