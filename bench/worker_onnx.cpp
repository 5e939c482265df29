#include <dlfcn.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <pigrad/core/error.hpp>
#include <pigrad/env/registry.hpp>
#include <pigrad/rl/agent.hpp>

#include "onnx_model.hpp"
#include "training_work.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

/// ONNX Runtime's C interface without its header, which the Python wheel does not bring: OrtApi is a table that only
/// ever grows at its end, and these are places of its first version. A function that returns null did what it should.
class Runtime {
 public:
  explicit Runtime(const char* library) {
    void* const opened = dlopen(library ? library : "libonnxruntime.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!opened) throw Error("ONNX Runtime", dlerror(), "give its libonnxruntime.so in PIGRAD_ONNX_LIBRARY");
    using Base = void* const* (*)();
    const auto base = reinterpret_cast<Base>(dlsym(opened, "OrtGetApiBase"));
    if (!base) throw Error("ONNX Runtime", "the library has no OrtGetApiBase", "give its libonnxruntime.so");
    table_ = reinterpret_cast<void* const* (*)(std::uint32_t)>(base()[0])(1);
    version_ = reinterpret_cast<const char* (*)()>(base()[1])();
    if (!table_) throw Error("ONNX Runtime", "it no longer serves version 1 of its interface", "take an older one");
  }

  const char* version() const { return version_; }

  enum Place {
    error_message = 2,
    create_env = 3,
    create_session_from_array = 8,
    run = 9,
    create_session_options = 10,
    set_optimisation_level = 23,
    set_intra_threads = 24,
    tensor_with_data = 49,
    create_cpu_memory_info = 69,
  };

  template <class... Args>
  void call(Place place, Args... args) const {
    if (void* const status = reinterpret_cast<void* (*)(Args...)>(table_[place])(args...))
      throw Error("ONNX Runtime", reinterpret_cast<const char* (*)(void*)>(table_[error_message])(status),
                  "take the release that bench/README.md names");
  }

 private:
  void* const* table_ = nullptr;
  const char* version_ = "";
};

/// A policy in a session: observations go in at `obs`, logits come out at `out`. Its handles live as long as the
/// process.
class Session {
 public:
  Session(const Runtime& runtime, const std::string& model) : runtime_(runtime) {
    constexpr int warnings = 2, every_optimisation = 99, of_float = 1, device_allocator = 0, default_memory = 0;
    void *env = nullptr, *options = nullptr, *memory = nullptr;
    runtime_.call(Runtime::create_env, warnings, "pigrad", &env);
    runtime_.call(Runtime::create_session_options, &options);
    runtime_.call(Runtime::set_intra_threads, options, 1);
    runtime_.call(Runtime::set_optimisation_level, options, every_optimisation);
    runtime_.call(Runtime::create_session_from_array, env, static_cast<const void*>(model.data()), model.size(),
                  options, &session_);
    runtime_.call(Runtime::create_cpu_memory_info, device_allocator, default_memory, &memory);
    const std::int64_t in[2] = {1, 4}, results[2] = {1, 2};
    runtime_.call(Runtime::tensor_with_data, memory, static_cast<void*>(obs), sizeof obs, &in[0], std::size_t{2},
                  of_float, &input_);
    runtime_.call(Runtime::tensor_with_data, memory, static_cast<void*>(out), sizeof out, &results[0], std::size_t{2},
                  of_float, &output_);
  }

  /// From the caller's memory into the caller's memory: nothing is allocated or copied.
  void step() {
    static constexpr const char *in[] = {"obs"}, *results[] = {"logits"};
    runtime_.call(Runtime::run, session_, static_cast<const void*>(nullptr), &in[0], static_cast<void* const*>(&input_),
                  std::size_t{1}, &results[0], std::size_t{1}, &output_);
  }

  float obs[4] = {0.01f, -0.02f, 0.03f, -0.04f};
  float out[2] = {};

 private:
  const Runtime& runtime_;
  void *session_ = nullptr, *input_ = nullptr, *output_ = nullptr;
};

/// Microseconds from one observation to the logits of the same policy as pigrad's, after its logits were compared.
Round observation(const Runtime& runtime, const Task& task) {
  Agent<float> agent(Registry::builtin().spec("CartPole-v1"), PolicySettings{}, nullptr, 1);
  const auto session = std::make_shared<Session>(runtime, onnx_policy(agent));
  session->step();
  Actor<float> actor(agent);
  const View<const float> ours = actor.statistics(1, session->obs, 1);
  const float difference = ours.data[ours.column_stride] - ours.data[0], theirs = session->out[1] - session->out[0];
  if (!(std::abs(difference - theirs) <= 1e-6f))
    throw Error("ONNX Runtime", "its logits are " + std::to_string(difference - theirs) + " apart from pigrad's",
                "nothing is timed until they agree");
  return [session, task] {
    return microseconds_a_call(task, [&](int times) {
      for (int i = 0; i < times; ++i) {
        session->step();
        session->obs[0] = 0.1f * session->out[0];
      }
    });
  };
}

}  // namespace

// bench_worker_onnx observation, with libonnxruntime.so's path in PIGRAD_ONNX_LIBRARY, by the protocol of worker.hpp.
int main(int argc, char** argv) try {
  const Runtime runtime(std::getenv("PIGRAD_ONNX_LIBRARY"));
  return serve(argc, argv, {{"observation", [&](const Task& task) { return observation(runtime, task); }}},
               {{"ONNX Runtime", runtime.version()}, {"interface", "C"}});
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
