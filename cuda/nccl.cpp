#include <array>
#include <cstring>
#include <vector>

#include "check.cuh"
#include "device_group.hpp"

#ifdef PIGRAD_HAS_NCCL
#include <nccl.h>

#include <chrono>
#include <thread>

#include "library.hpp"
#if NCCL_VERSION_CODE < 21400  // whose calls block
#undef PIGRAD_HAS_NCCL
#endif
#endif

namespace pigrad {
namespace {

/// Throws Error where two ranks would share a device: NCCL has no form for that.
void check_devices_differ(Group& group) {
  using Id = std::array<char, 16>;
  int device = 0;
  cudaDeviceProp properties{};
  check_cuda(cudaGetDevice(&device), "device");
  check_cuda(cudaGetDeviceProperties(&properties, device), "device");
  std::vector<Id> ids(static_cast<std::size_t>(group.size()));
  std::vector<std::size_t> begins;
  for (std::size_t r = 0; r <= ids.size(); ++r) begins.push_back(r * sizeof(Id));
  std::memcpy(ids[static_cast<std::size_t>(group.rank())].data(), properties.uuid.bytes, sizeof(Id));
  group.gather(ids.data(), begins);
  for (std::size_t r = 0; r < ids.size(); ++r)
    for (std::size_t other = 0; other < r; ++other)
      if (ids[r] == ids[other])
        throw Error("--device cuda",
                    "ranks " + std::to_string(other) + " and " + std::to_string(r) + " have one GPU between them",
                    "start as many ranks on a machine as it has GPUs: mpirun --map-by ppr:GPUS:node");
}

}  // namespace

void choose_device(int process_of_machine) {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess && count > 0)
    check_cuda(cudaSetDevice(process_of_machine % count), "device");
}

#ifdef PIGRAD_HAS_NCCL
namespace {

constexpr const char* library_name = "libnccl.so.2";

/// NCCL's functions that are used here.
struct Functions {
  explicit Functions(const Library& library)
      : get_unique_id(library.function<decltype(ncclGetUniqueId)>("ncclGetUniqueId")),
        init(library.function<decltype(ncclCommInitRankConfig)>("ncclCommInitRankConfig")),
        abort(library.function<decltype(ncclCommAbort)>("ncclCommAbort")),
        get_async_error(library.function<decltype(ncclCommGetAsyncError)>("ncclCommGetAsyncError")),
        words(library.function<decltype(ncclGetErrorString)>("ncclGetErrorString")),
        last_error(library.function<decltype(ncclGetLastError)>("ncclGetLastError")),
        all_gather(library.function<decltype(ncclAllGather)>("ncclAllGather")) {}

  decltype(ncclGetUniqueId)* get_unique_id;
  decltype(ncclCommInitRankConfig)* init;
  decltype(ncclCommAbort)* abort;
  decltype(ncclCommGetAsyncError)* get_async_error;
  decltype(ncclGetErrorString)* words;
  decltype(ncclGetLastError)* last_error;
  decltype(ncclAllGather)* all_gather;
};

/// No call of NCCL blocks, and none is waited for without looking after the other ranks: when one of them has ended, or
/// NCCL reports a failure, what is on its way is ended too, and RankLost thrown.
class NcclGroup final : public DeviceGroup {
 public:
  NcclGroup(Group& group, const Functions& functions) : group_(&group), call_(functions) {
    ncclUniqueId id{};
    ncclResult_t status = ncclSuccess;
    if (group.rank() == 0) status = call_.get_unique_id(&id);
    group.broadcast(0, &status, sizeof status);
    if (status != ncclSuccess) throw Error("ncclGetUniqueId", call_.words(status), cure);
    group.broadcast(0, &id, sizeof id);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    settle(call_.init(&comm_, group.size(), id, group.rank(), &config), "ncclCommInitRankConfig");
  }
  /// Graphs that hold its calls are gone by now.
  ~NcclGroup() override {
    if (comm_) call_.abort(comm_);
  }
  NcclGroup(const NcclGroup&) = delete;
  NcclGroup& operator=(const NcclGroup&) = delete;

  int rank() const override { return group_->rank(); }
  int size() const override { return group_->size(); }
  bool capturable() const override { return true; }

  void all_gather(const void* piece, void* all, std::size_t bytes) override {
    settle(call_.all_gather(piece, all, bytes, ncclInt8, comm_, device_stream()), "ncclAllGather");
    // Launches behind one that waits for a lost rank would fill the driver's queue, and then block where nobody looks.
    cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
    check_cuda(cudaStreamIsCapturing(device_stream(), &capture), "ncclAllGather");
    if (capture == cudaStreamCaptureStatusNone) wait();
  }

  void wait() override {
    look("cudaStreamQuery", [&] {
      const cudaError_t status = cudaStreamQuery(device_stream());
      if (status == cudaErrorNotReady) return false;
      check_cuda(status, "wait for the device");
      return true;
    });
  }

 private:
  static constexpr const char* cure = "see what NCCL says with NCCL_DEBUG=WARN, and go on from the last checkpoint";

  /// Waits until NCCL has taken the call.
  void settle(ncclResult_t status, const char* call) {
    if (status == ncclInProgress)
      look(call, [&] {
        ncclResult_t now = ncclSuccess;
        call_.get_async_error(comm_, &now);
        return now == ncclSuccess;
      });
    else if (status != ncclSuccess)
      fail(status, call);
  }

  /// Until done() is true.
  template <class Done>
  void look(const char* call, const Done& done) {
    using Clock = std::chrono::steady_clock;
    constexpr double between_looks = 0.02;  // seconds
    const auto begin = Clock::now();
    for (double next = between_looks; !done();) {
      std::this_thread::yield();
      const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      if (seconds < next) continue;
      next = seconds + between_looks;
      try {
        group_->look_after(seconds);
      } catch (...) {
        give_up();
        throw;
      }
      check_link(call);
    }
    check_link(call);
  }
  void check_link(const char* call) {
    ncclResult_t status = ncclSuccess;
    call_.get_async_error(comm_, &status);
    if (status != ncclSuccess && status != ncclInProgress) fail(status, call);
  }

  [[noreturn]] void fail(ncclResult_t status, const char* call) {
    const char* more = call_.last_error(comm_);
    const std::string words = std::string(call_.words(status)) + (more && *more ? std::string(", ") + more : "");
    give_up();
    throw RankLost(call, "on rank " + std::to_string(rank()) + ": " + words, cure);
  }
  /// What is on its way here ends, whatever the others do. ncclCommAbort stops the kernels at once, but then waits for
  /// graphs that hold some to be destroyed, which they are where this fault leads: so nobody waits for it.
  void give_up() noexcept try {
    if (comm_) std::thread(call_.abort, comm_).detach();
    comm_ = nullptr;
  } catch (...) {
    comm_ = nullptr;
  }

  Group* group_;
  Functions call_;
  ncclComm_t comm_ = nullptr;
};

int version_of(const Library& library) {
  int code = 0;
  library.function<decltype(ncclGetVersion)>("ncclGetVersion")(&code);
  return code;
}

bool usable(const Library& library) { return library && version_of(library) >= NCCL_VERSION_CODE; }

/// True where it is on all ranks.
bool on_all(Group& group, bool here) {
  std::vector<unsigned char> flags(static_cast<std::size_t>(group.size()), 0);
  std::vector<std::size_t> begins;
  for (std::size_t r = 0; r <= flags.size(); ++r) begins.push_back(r);
  flags[static_cast<std::size_t>(group.rank())] = here;
  group.gather(flags.data(), begins);
  for (const unsigned char flag : flags)
    if (!flag) return false;
  return true;
}

}  // namespace

std::unique_ptr<DeviceGroup> make_device_group(Group& group) {
  check_devices_differ(group);
  const Library library(library_name);
  if (!on_all(group, usable(library))) return make_staged_group(group);
  return std::make_unique<NcclGroup>(group, Functions(library));
}

std::string describe_nccl() {
  const Library library(library_name);
  if (!library) return "no NCCL: " + library.why();
  const int code = version_of(library);
  const std::string version = std::to_string(code / 10000) + "." + std::to_string(code / 100 % 100);
  if (!usable(library))
    return "no NCCL: " + version + " is older than " + std::to_string(NCCL_MAJOR) + "." + std::to_string(NCCL_MINOR) +
           ", which this was built with";
  return "NCCL " + version;
}

#else

std::unique_ptr<DeviceGroup> make_device_group(Group& group) {
  check_devices_differ(group);
  return make_staged_group(group);
}
std::string describe_nccl() { return "no NCCL: the build found no nccl.h of NCCL 2.14 or later"; }

#endif

}  // namespace pigrad
