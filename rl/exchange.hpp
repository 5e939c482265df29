#pragma once
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "../core/group.hpp"

namespace pigrad {

/// One message from every rank of a group to all, each put together and taken apart in order. What this rank could not
/// do goes with it: all ranks then throw the same Error, that of the lowest rank which has one.
class Exchange {
 public:
  /// @param payload bytes of each rank's part, the same list on all ranks
  /// @param room memory to use, which grows as needed; outlives the exchange
  /// @param fault empty unless this rank failed; its payload is then not read
  Exchange(Group& group, const std::vector<std::size_t>& payload, std::vector<unsigned char>& room,
           const std::string& fault = "");

  /// Of this rank's part, before deliver(): the next `count` values.
  template <class V>
  void put(const V* values, std::size_t count = 1) {
    static_assert(std::is_trivially_copyable_v<V>);
    if (count > 0) std::memcpy(bytes_.data() + at_, values, count * sizeof(V));
    at_ += count * sizeof(V);
  }
  /// Throws Error if a rank had a fault.
  void deliver();
  /// After it: begins to read a rank's part.
  void open(int rank) { at_ = begins_[static_cast<std::size_t>(rank)] + head; }
  template <class V>
  void take(V* values, std::size_t count = 1) {
    if (count > 0) std::memcpy(values, bytes_.data() + at_, count * sizeof(V));
    at_ += count * sizeof(V);
  }

 private:
  static constexpr std::size_t head = sizeof(std::uint64_t);  ///< the length of the fault's words
  void deliver_faults(const std::vector<std::uint64_t>& lengths);

  Group* group_;
  std::string fault_;
  std::vector<std::size_t> begins_;
  std::vector<unsigned char>& bytes_;
  std::size_t at_ = 0;
};

/// What body() throws, in words; empty if it does not.
template <class Body>
std::string fault_of(const Body& body) {
  try {
    body();
    return "";
  } catch (const std::exception& fault) {
    return fault.what();
  }
}

}  // namespace pigrad
