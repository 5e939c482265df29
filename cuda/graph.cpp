#include "graph.hpp"

#include "check.cuh"

namespace pigrad {

struct DeviceGraph::Impl {
  cudaGraphExec_t ready = nullptr;
  ~Impl() {
    if (ready) static_cast<void>(cudaGraphExecDestroy(ready));
  }
};

namespace {

/// What a stream has captured, owned.
struct Captured {
  cudaGraph_t graph = nullptr;
  ~Captured() {
    if (graph) static_cast<void>(cudaGraphDestroy(graph));
  }
};

void check_recording(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  throw Error("recording a round",
              std::string(call) + ": " + cudaGetErrorName(status) + ", " + cudaGetErrorString(status),
              "set PIGRAD_CUDA_GRAPH=0 in the environment to go without recordings");
}

}  // namespace

DeviceGraph::DeviceGraph() = default;
DeviceGraph::~DeviceGraph() = default;

void DeviceGraph::record(const std::function<void()>& work) {
  impl_.reset();
  Captured captured;
  check_recording(cudaStreamBeginCapture(device_stream(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  try {
    work();
  } catch (...) {
    static_cast<void>(cudaStreamEndCapture(device_stream(), &captured.graph));
    static_cast<void>(cudaGetLastError());
    throw;
  }
  check_recording(cudaStreamEndCapture(device_stream(), &captured.graph), "cudaStreamEndCapture");
  auto impl = std::make_unique<Impl>();
  check_recording(cudaGraphInstantiate(&impl->ready, captured.graph, 0), "cudaGraphInstantiate");
  impl_ = std::move(impl);
}

void DeviceGraph::launch() {
  require(recorded(), "DeviceGraph", "nothing was recorded", "record first");
  check_cuda(cudaGraphLaunch(impl_->ready, device_stream()), "a recorded round");
}

void DeviceGraph::forget() { impl_.reset(); }

}  // namespace pigrad
