#pragma once
#include <functional>
#include <memory>

namespace pigrad {

/// Work of the device that is launched again and again, recorded once: kernels, copies between device memory, and into
/// a FetchedArray. A kernel's arguments are as they were when it was recorded, so what changes from run to run must lie
/// in device memory. One thread's.
class DeviceGraph {
 public:
  DeviceGraph();
  ~DeviceGraph();
  DeviceGraph(const DeviceGraph&) = delete;
  DeviceGraph& operator=(const DeviceGraph&) = delete;

  bool recorded() const { return impl_ != nullptr; }
  /// Records what `work` launches on this thread, without running it. Work that waits for the device, or takes memory
  /// of it, cannot be recorded. Throws Error, with the place, and is then not recorded.
  void record(const std::function<void()>& work);
  /// Runs it. Returns before the device is done.
  void launch();
  void forget();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigrad
