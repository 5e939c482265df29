#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace pigrad {

/// Writes a whole file or none: to a temporary name in the same folder, synced to the disk, then renamed over `path`.
/// Throws Error, and removes the temporary file, if any of that fails.
void write_file(const std::string& path, const std::byte* data, std::size_t size);

/// A file's bytes. Throws Error if it cannot be read or is no ordinary file.
std::vector<std::byte> read_file(const std::string& path);

}  // namespace pigrad
