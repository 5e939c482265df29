// files: writes, replaces and reads files in the folder that it runs in, and is refused what it should be.
#include <cstdio>
#include <pigrad/core/error.hpp>
#include <pigrad/core/memory.hpp>
#include <pigrad/nn/atomic_file.hpp>

namespace {

int wrong = 0;

void check(bool right, const char* what) {
  if (right) return;
  std::printf("wrong: %s\n", what);
  ++wrong;
}

template <class F>
void refused(const F& run, const char* words) {
  try {
    run();
    check(false, words);
  } catch (const pigrad::Error& error) {
    std::printf("%s\n", error.what());
    check(std::string(error.what()).find(words) != std::string::npos, words);
  }
}

}  // namespace

int main() {
  const std::vector<std::byte> first(100, std::byte{1}), second(3'000'000, std::byte{2}), none;
  for (const auto* bytes : {&first, &second, &none}) {
    pigrad::write_file("written", bytes->data(), bytes->size());
    check(pigrad::read_file("written") == *bytes, "what was written is read");
  }
  pigrad::write_file("written", first.data(), first.size());
  refused([&] { pigrad::write_file("no such folder/file", first.data(), first.size()); }, "cannot be written");
  refused([] { pigrad::read_file("no such file"); }, "cannot be opened");
  refused([] { pigrad::read_file("."); }, "");
  check(pigrad::read_file("written") == first, "what was refused changed nothing");
  check(pigrad::machine_memory() > 1e8, "the machine's memory is known");
  return wrong == 0 ? 0 : 1;
}
