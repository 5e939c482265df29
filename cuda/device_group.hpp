#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "../core/group.hpp"

namespace pigrad {

/// The devices of a Group's processes. All ranks make the same calls in the same order; what they ask for is done in
/// launch order with the kernels.
class DeviceGroup {
 public:
  virtual ~DeviceGroup() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// `bytes` of every rank, each from its `piece` in device memory, to `all` [size × bytes] of every rank, by ranks.
  virtual void all_gather(const void* piece, void* all, std::size_t bytes) = 0;
  /// Waits until this rank's device has done all that it was asked for. Call it before any other wait. Throws RankLost
  /// where another rank has ended, and Error where the device or the link failed.
  virtual void wait() = 0;
  /// all_gather may be captured in a graph.
  virtual bool capturable() const = 0;

  Part part(int count) const { return Group::part(count, rank(), size()); }
  /// The most indices of `count` that a rank has of so many.
  static int most(int count, int ranks) { return (count + ranks - 1) / ranks; }
};

/// By NCCL where it can be loaded, else by way of the processors' memory.
/// @param group outlives it
/// Throws Error where two ranks have one device, and where NCCL does not start.
std::unique_ptr<DeviceGroup> make_device_group(Group& group);

/// By way of the processors' memory: each call waits for the device.
std::unique_ptr<DeviceGroup> make_staged_group(Group& group);

/// "NCCL 2.28", or "no NCCL" and why.
std::string describe_nccl();

/// This process takes the device of its number among the processes of its machine, counted modulo the devices that it
/// sees. Call it before anything else is asked of a device.
void choose_device(int process_of_machine);

}  // namespace pigrad
