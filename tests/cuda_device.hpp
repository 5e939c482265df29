#pragma once
#include <doctest/doctest.h>

#include <pigrad/cuda/device.hpp>

/// True without a device, having said so: CTest then reports the test as skipped.
inline bool no_device() {
  static const bool none = [] {
    const std::string device = pigrad::describe_device();
    MESSAGE(device);
    return pigrad::device_count() == 0;
  }();
  return none;
}
