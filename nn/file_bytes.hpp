#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "../core/memory.hpp"

namespace pigrad::detail {

/// Memory for a file of `size` bytes. Throws Error, naming `path`, where there is too little.
inline std::vector<std::byte> room_for_file(const std::string& path, std::uint64_t size) {
  const std::string bytes = std::to_string(size) + " bytes";
  if (const double memory = machine_memory(); memory > 0 && static_cast<double>(size) > memory)
    throw Error(path, bytes + " are more than this machine's memory", "give a smaller file");
  try {
    return std::vector<std::byte>(static_cast<std::size_t>(size));
  } catch (const std::exception&) {
    throw Error(path, bytes + " do not fit in memory", "give a smaller file");
  }
}

}  // namespace pigrad::detail
