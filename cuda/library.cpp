#include "library.hpp"

#include <dlfcn.h>

#include "../core/error.hpp"

namespace pigrad {

Library::Library(const std::string& name) : name_(name) {
  for (const std::string& file : {name, std::string(PIGRAD_CUDA_LIBRARIES "/") + name}) {
    handle_ = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_) return;
    if (why_.empty()) why_ = ::dlerror();
  }
}

void* Library::find(const char* name) const {
  void* const found = ::dlsym(handle_, name);
  if (!found) throw Error(name_, std::string("it has no ") + name, "install the one of the CUDA toolkit in use");
  return found;
}

}  // namespace pigrad
