#pragma once
#include "all.hpp"
#include "source.hpp"

namespace pigrad {

/// The policy that a file holds, in one block of memory, to be freed. Null, and what is wrong in `wrong`.
/// @param checkpoint the normaliser is kept as moments, not as what to subtract and to multiply by
PolicyAll* filled_policy(const PolicySource& source, bool checkpoint, const char*& wrong);

}  // namespace pigrad
