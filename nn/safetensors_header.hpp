#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "safetensors.hpp"

namespace pigrad {

/// The JSON header alone, unpadded: the only use of the JSON library, with a twin that refuses where it is off.
std::string write_safetensors_header(const std::vector<TensorFile::Entry>& entries, const Metadata& metadata);

/// Fills entries, in no particular order, with shapes of sides ≥ 0 and begin ≤ end, and metadata. What the numbers mean
/// together is for the caller to check. Throws Error.
void read_safetensors_header(std::string_view json, const std::string& where, std::vector<TensorFile::Entry>& entries,
                             Metadata& metadata);

}  // namespace pigrad
