#pragma once
#include <cstdint>
#include <string>

namespace pigrad::app {

/// A file that grows: each append is one write, so that a killed program leaves whole pieces, but perhaps its last.
class AppendFile {
 public:
  /// A new file; `what` stands for it in messages ("the table"). Throws Error if it is there or cannot be made.
  static AppendFile create(const std::string& path, const std::string& what);
  /// One that is there, cut off after `size` bytes. Throws Error if it cannot be written, or is a link.
  static AppendFile open(const std::string& path, const std::string& what, std::int64_t size);

  AppendFile() = default;
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  /// Throws Error if the disk refuses.
  void append(const std::string& bytes);
  /// Puts all of it on the disk. Throws Error if it refuses.
  void sync();

 private:
  AppendFile(const std::string& path, const std::string& what, int file) : path_(path), what_(what), file_(file) {}
  [[noreturn]] void refuse(const std::string& fault) const;

  std::string path_, what_;
  int file_ = -1;
};

}  // namespace pigrad::app
