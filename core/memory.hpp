#pragma once

namespace pigrad {

/// Bytes of memory that this process may hope for: the machine's, or its container's or its own limit where that is
/// less; 0 where nobody says.
double machine_memory();

}  // namespace pigrad
