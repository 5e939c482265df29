#include "append_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "../core/error.hpp"

namespace pigrad::app {

AppendFile AppendFile::create(const std::string& path, const std::string& what) {
  AppendFile made(path, what, ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666));
  if (made.file_ < 0) made.refuse("cannot be made");
  return made;
}

AppendFile AppendFile::open(const std::string& path, const std::string& what, std::int64_t size) {
  AppendFile opened(path, what, ::open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  if (opened.file_ < 0 || ::ftruncate(opened.file_, static_cast<off_t>(size)) != 0) opened.refuse("cannot be written");
  return opened;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)), what_(std::move(other.what_)), file_(std::exchange(other.file_, -1)) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(what_, other.what_);
  std::swap(file_, other.file_);
  return *this;
}

AppendFile::~AppendFile() {
  if (file_ >= 0) ::close(file_);
}

void AppendFile::append(const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(file_, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse("cannot be written");
    written += static_cast<std::size_t>(count);
  }
}

void AppendFile::sync() {
  if (::fsync(file_) != 0) refuse("cannot be written");
}

void AppendFile::refuse(const std::string& fault) const {
  throw Error(path_, what_ + " " + fault + " (" + std::strerror(errno) + ")",
              "give a folder that may be written, on a disk with room");
}

}  // namespace pigrad::app
