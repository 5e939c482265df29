#include <windows.h>

#include <algorithm>

#include "../core/error.hpp"
#include "atomic_file.hpp"
#include "file_bytes.hpp"

namespace pigrad {
namespace {

constexpr std::size_t most_at_once = std::size_t(1) << 30;  ///< bytes of one call

/// Closes a file at the end of its scope.
struct File {
  HANDLE id;
  explicit File(HANDLE opened) : id(opened) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (opened()) ::CloseHandle(id);
  }
  bool opened() const { return id != INVALID_HANDLE_VALUE; }
};

[[noreturn]] void refuse(const std::string& path, const std::string& what, DWORD code, const char* cure) {
  char words[256] = "";
  DWORD length = ::FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, code, 0, words,
                                  sizeof words, nullptr);
  while (length > 0 && (words[length - 1] == '\n' || words[length - 1] == '\r' || words[length - 1] == '.')) --length;
  const std::string reason = length > 0 ? std::string(words, length) : "error " + std::to_string(code);
  throw Error(path, what + " (" + reason + ")", cure);
}

/// ERROR_SUCCESS, or the code of the first failure.
DWORD write_and_flush(const std::string& path, const std::byte* data, std::size_t size) {
  // Never through a link that stands there already.
  ::DeleteFileA(path.c_str());
  const File file(::CreateFileA(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file.opened()) return ::GetLastError();
  while (size > 0) {
    DWORD written = 0;
    if (!::WriteFile(file.id, data, static_cast<DWORD>(std::min(size, most_at_once)), &written, nullptr))
      return ::GetLastError();
    data += written;
    size -= written;
  }
  return ::FlushFileBuffers(file.id) ? ERROR_SUCCESS : ::GetLastError();
}

}  // namespace

void write_file(const std::string& path, const std::byte* data, std::size_t size) {
  const std::string temporary = path + ".writing-" + std::to_string(::GetCurrentProcessId());
  DWORD code = write_and_flush(temporary, data, size);
  if (code == ERROR_SUCCESS &&
      !::MoveFileExA(temporary.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
    code = ::GetLastError();
  if (code == ERROR_SUCCESS) return;
  ::DeleteFileA(temporary.c_str());
  refuse(path, "the file cannot be written", code,
         "give a path in a folder that exists and may be written, on a disk with room");
}

std::vector<std::byte> read_file(const std::string& path) {
  const char* cure = "give the path of a file that exists and may be read";
  const File file(::CreateFileA(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file.opened()) refuse(path, "the file cannot be opened", ::GetLastError(), cure);
  if (::GetFileType(file.id) != FILE_TYPE_DISK) throw Error(path, "this is not an ordinary file", cure);
  LARGE_INTEGER length{};
  if (!::GetFileSizeEx(file.id, &length)) refuse(path, "the file cannot be read", ::GetLastError(), cure);
  std::vector<std::byte> bytes = detail::room_for_file(path, static_cast<std::uint64_t>(length.QuadPart));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    DWORD count = 0;
    const DWORD asked = static_cast<DWORD>(std::min(bytes.size() - filled, most_at_once));
    if (!::ReadFile(file.id, bytes.data() + filled, asked, &count, nullptr))
      refuse(path, "the file cannot be read", ::GetLastError(), cure);
    if (count == 0) break;
    filled += count;
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace pigrad
