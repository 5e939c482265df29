#pragma once
#include <cstddef>
#include <vector>

#include "device.hpp"
#include "device_group.hpp"

namespace pigrad {

/// What ranks tell one another of panels in device memory whose copies are dealt to them by Group::part: after a run
/// all have every copy's. The memory is taken once.
class DeviceExchange {
 public:
  /// The value of step t, copy e, plane p at data[p·stride + t·copies + e].
  struct Panel {
    void* data;
    std::size_t element;  ///< bytes of a value: 1, 4 or 8
    int planes, steps;
    std::ptrdiff_t stride;  ///< values between two planes
  };
  template <class V>
  static Panel panel(V* data, int planes, int steps, std::ptrdiff_t stride) {
    return {data, sizeof(V), planes, steps, stride};
  }
  /// @param group outlives the exchange, as what the panels point to
  DeviceExchange(DeviceGroup& group, int copies, std::vector<Panel> panels);
  /// Device memory that one takes.
  static std::size_t bytes(int ranks, int copies, const std::vector<Panel>& panels);

  void run();

 private:
  DeviceGroup* group_;
  int copies_;
  std::vector<Panel> panels_;
  std::size_t slot_;  ///< bytes of a rank
  DeviceArray<unsigned char> piece_, all_;
};

}  // namespace pigrad
