#pragma once
#include <string>

namespace pigrad {

/// A shared library that is looked for when it is wanted: a program that never does needs none. It stays loaded.
class Library {
 public:
  /// By its name, as the system finds it, then in the toolkit's folder that this was built with.
  explicit Library(const std::string& name);
  explicit operator bool() const { return handle_ != nullptr; }
  /// Why it was not found.
  const std::string& why() const { return why_; }
  /// Throws Error if the library has no such function.
  template <class F>
  F* function(const char* name) const {
    return reinterpret_cast<F*>(find(name));
  }

 private:
  void* find(const char* name) const;

  std::string name_, why_;
  void* handle_ = nullptr;
};

}  // namespace pigrad
