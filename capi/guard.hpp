#pragma once
#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "../core/error.hpp"
#include "../policy/policy.hpp"
#include "pigrad.h"

namespace pigrad::capi {

/// A callback asked to stop.
class Stopped : public Error {
 public:
  explicit Stopped(const char* callback)
      : Error("run", std::string(callback) + " gave something other than 0", "call run again to go on") {}
};

/// Words that are a line already. It owns them: what they were written into is gone when they are told.
struct Refusal {
  PolicyFault fault;
};

inline pigrad_code tell(pigrad_error* error, pigrad_code code, const char* words) noexcept {
  if (!error) return code;
  error->code = code;
  const std::size_t size = std::min(std::strlen(words), sizeof error->words - 1);
  std::memcpy(error->words, words, size);
  error->words[size] = 0;
  return code;
}

/// Runs what may throw, and gives its failure as a code.
template <class F>
pigrad_code guarded(pigrad_error* error, const F& run) noexcept {
  try {
    run();
    return tell(error, PIGRAD_OK, "");
  } catch (const Stopped& fault) {
    return tell(error, PIGRAD_STOPPED, fault.what());
  } catch (const NotFinite& fault) {
    return tell(error, PIGRAD_NOT_FINITE, fault.what());
  } catch (const Refusal& refusal) {
    return tell(error, PIGRAD_REFUSED, refusal.fault.words);
  } catch (const Error& fault) {
    return tell(error, PIGRAD_REFUSED, fault.what());
  } catch (const std::bad_alloc&) {
    return tell(error, PIGRAD_NO_MEMORY, "memory: there is not enough; make networks or batches smaller");
  } catch (const std::exception& fault) {
    return tell(error, PIGRAD_INTERNAL, fault.what());
  } catch (...) {
    return tell(error, PIGRAD_INTERNAL, "pigrad: something was thrown that is no exception; report it");
  }
}

/// Throws Error where a pointer that a call needs is null.
inline void need(const void* pointer, const char* call, const char* name) {
  if (!pointer) throw Error(call, std::string(name) + " is null", "give one");
}

/// Throws Error where a struct's api_version is of a newer header, or none.
inline void need_version(std::int32_t version, const char* call) {
  if (version < 1 || version > PIGRAD_API_VERSION)
    throw Error(call,
                "the program was built for interface " + std::to_string(version) + " of pigrad.h, this library has " +
                    std::to_string(PIGRAD_API_VERSION),
                "set api_version to PIGRAD_API_VERSION, and link the library of that header, or a newer one");
}

}  // namespace pigrad::capi
