#include "atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "../core/error.hpp"
#include "file_bytes.hpp"

namespace pigrad {
namespace {

/// Closes a file descriptor at the end of its scope.
struct Descriptor {
  int id;
  explicit Descriptor(int opened) : id(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (id >= 0) ::close(id);
  }
};

[[noreturn]] void refuse(const std::string& path, const std::string& what, int code, const char* cure) {
  throw Error(path, what + " (" + std::strerror(code) + ")", cure);
}

/// 0, or the errno of the first failure.
int write_and_sync(const std::string& path, const std::byte* data, std::size_t size) {
  // Never through a link that stands there already.
  ::unlink(path.c_str());
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.id < 0) return errno;
  while (size > 0) {
    const ssize_t written = ::write(file.id, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return ::fsync(file.id) == 0 ? 0 : errno;
}

}  // namespace

void write_file(const std::string& path, const std::byte* data, std::size_t size) {
  const std::string temporary = path + ".writing-" + std::to_string(::getpid());
  int code = write_and_sync(temporary, data, size);
  if (code == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) code = errno;
  if (code != 0) {
    ::unlink(temporary.c_str());
    refuse(path, "the file cannot be written", code,
           "give a path in a folder that exists and may be written, on a disk with room");
  }
  const auto slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.id >= 0) ::fsync(directory.id);
}

std::vector<std::byte> read_file(const std::string& path) {
  const char* cure = "give the path of a file that exists and may be read";
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.id < 0) refuse(path, "the file cannot be opened", errno, cure);
  struct stat status {};
  if (::fstat(file.id, &status) != 0) refuse(path, "the file cannot be read", errno, cure);
  if (!S_ISREG(status.st_mode)) throw Error(path, "this is not an ordinary file", cure);
  std::vector<std::byte> bytes = detail::room_for_file(path, static_cast<std::uint64_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::read(file.id, bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path, "the file cannot be read", errno, cure);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace pigrad
