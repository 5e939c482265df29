#include <cstring>
#include <pigrad/nn/safetensors.hpp>

#include "input.hpp"

namespace {

/// Each tensor's bytes are there and as many as its shape says.
template <class T>
void read(const pigrad::TensorFile& file, const pigrad::TensorFile::Entry& entry) {
  if (entry.dtype != pigrad::DtypeOf<T>::value) return;
  std::size_t count = 1;
  for (const std::int64_t side : entry.shape) count *= static_cast<std::size_t>(side);
  if (file.values<T>(entry.name).size() != count) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigrad;
  try {
    const TensorFile file = TensorFile::parse(pigrad_fuzz::bytes(data, size), "input");
    for (const auto& entry : file.entries()) {
      read<double>(file, entry), read<float>(file, entry);
      read<std::int64_t>(file, entry), read<std::uint64_t>(file, entry);
      read<std::int32_t>(file, entry), read<std::uint32_t>(file, entry), read<std::uint8_t>(file, entry);
    }
  } catch (const Error&) {
  }
  return 0;
}
