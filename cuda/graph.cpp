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

}  // namespace

DeviceGraph::DeviceGraph() = default;
DeviceGraph::~DeviceGraph() = default;

void DeviceGraph::record(const std::function<void()>& work) {
  impl_.reset();
  Captured captured;
  check_cuda(cudaStreamBeginCapture(cudaStreamPerThread, cudaStreamCaptureModeThreadLocal), "recording an epoch");
  try {
    work();
  } catch (...) {
    static_cast<void>(cudaStreamEndCapture(cudaStreamPerThread, &captured.graph));
    static_cast<void>(cudaGetLastError());
    throw;
  }
  check_cuda(cudaStreamEndCapture(cudaStreamPerThread, &captured.graph), "recording an epoch");
  auto impl = std::make_unique<Impl>();
  check_cuda(cudaGraphInstantiate(&impl->ready, captured.graph, 0), "making an epoch of its recording");
  impl_ = std::move(impl);
}

void DeviceGraph::launch() {
  require(recorded(), "DeviceGraph", "nothing was recorded", "record first");
  check_cuda(cudaGraphLaunch(impl_->ready, cudaStreamPerThread), "a recorded epoch");
}

void DeviceGraph::forget() { impl_.reset(); }

}  // namespace pigrad
