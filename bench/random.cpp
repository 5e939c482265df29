#include <pigrad/core/random.hpp>

#include "measure.hpp"

namespace {

using pigrad::Bits;

/// Threefry2x32 of any number of rounds that is not over 20 (Salmon and others, SC 2011).
template <int rounds>
inline Bits threefry(std::uint32_t k0, std::uint32_t k1, std::uint32_t c0, std::uint32_t c1) {
  constexpr int turns[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  const std::uint32_t keys[3] = {k0, k1, 0x1BD11BDAu ^ k0 ^ k1};
  std::uint32_t x = c0 + k0, y = c1 + k1;
#pragma GCC unroll 20
  for (int i = 0; i < rounds; ++i) {
    x += y;
    y = (y << turns[i % 8]) | (y >> (32 - turns[i % 8]));
    y ^= x;
    if (i % 4 != 3) continue;
    const auto s = static_cast<std::uint32_t>(i / 4 + 1);
    x += keys[s % 3], y += keys[(s + 1) % 3] + s;
  }
  return {x, y};
}

/// Philox4x32-10, of the same paper: 128 bits a call.
struct Bits4 {
  std::uint32_t a, b, c, d;
};
inline Bits4 philox(std::uint32_t k0, std::uint32_t k1, Bits4 x) {
#pragma GCC unroll 10
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t p = std::uint64_t{0xD2511F53u} * x.a, q = std::uint64_t{0xCD9E8D57u} * x.c;
    x = {static_cast<std::uint32_t>(q >> 32) ^ x.b ^ k0, static_cast<std::uint32_t>(q),
         static_cast<std::uint32_t>(p >> 32) ^ x.d ^ k1, static_cast<std::uint32_t>(p)};
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return x;
}

/// squares64 (Widynski 2020): five rounds of squaring, 64 bits a call.
inline std::uint64_t squares(std::uint64_t counter, std::uint64_t key) {
  std::uint64_t x = counter * key;
  const std::uint64_t y = x, z = y + key;
  const auto turned = [](std::uint64_t v) { return (v >> 32) | (v << 32); };
  x = turned(x * x + y);
  x = turned(x * x + z);
  x = turned(x * x + y);
  x = turned(x * x + z);
  const std::uint64_t t = x;
  return t ^ ((x * x + y) >> 32);
}

constexpr int draws = 4096;
alignas(64) std::uint32_t words[draws];

/// Makes the compiler write the words.
inline void wanted() { asm volatile("" : : "r"(words) : "memory"); }

}  // namespace

/// Nanoseconds a 32-bit draw of each generator, written to memory by a loop that the compiler may vectorise.
int main(int argc, char** argv) {
  using namespace pigrad::bench;
  print_head(argc, argv);
  std::uint32_t step = 0;
  const std::vector<Contender> contenders{
      {"threefry2x32-20",
       [&] {
         const std::uint32_t now = ++step;
         for (std::uint32_t i = 0; i < draws / 2; ++i) {
           const Bits bits = threefry<20>(1, 2, i, now);
           words[i] = bits.a, words[i + draws / 2] = bits.b;
         }
         wanted();
       }},
      {"threefry2x32-20, the library's",
       [&] {
         const std::uint32_t now = ++step;
         for (std::uint32_t i = 0; i < draws / 2; ++i) {
           const Bits bits = pigrad::threefry2x32(1, 2, i, now);
           words[i] = bits.a, words[i + draws / 2] = bits.b;
         }
         wanted();
       }},
      {"threefry2x32-13",
       [&] {
         const std::uint32_t now = ++step;
         for (std::uint32_t i = 0; i < draws / 2; ++i) {
           const Bits bits = threefry<13>(1, 2, i, now);
           words[i] = bits.a, words[i + draws / 2] = bits.b;
         }
         wanted();
       }},
      {"philox4x32-10",
       [&] {
         const std::uint32_t now = ++step;
         for (std::uint32_t i = 0; i < draws / 4; ++i) {
           const Bits4 bits = philox(1, 2, {i, now, 0, 0});
           words[i] = bits.a, words[i + draws / 4] = bits.b;
           words[i + draws / 2] = bits.c, words[i + 3 * draws / 4] = bits.d;
         }
         wanted();
       }},
      {"squares64", [&] {
         const std::uint32_t now = ++step;
         for (std::uint32_t i = 0; i < draws / 2; ++i) {
           const std::uint64_t bits = squares((std::uint64_t{now} << 32) + i, 0xC58EFD154CE32F6Dull);
           words[i] = static_cast<std::uint32_t>(bits >> 32), words[i + draws / 2] = static_cast<std::uint32_t>(bits);
         }
         wanted();
       }}};
  const std::vector<Timing> timings = interleaved(contenders, 11);
  std::printf("%-32s %8s %8s %8s %8s\n", "generator", "ns/draw", "low", "high", "ratio");
  for (std::size_t i = 0; i < contenders.size(); ++i)
    std::printf("%-32s %8.3f %8.3f %8.3f %8.2f\n", contenders[i].name.c_str(), 1e9 * timings[i].median / draws,
                1e9 * timings[i].low / draws, 1e9 * timings[i].high / draws, timings[i].median / timings[0].median);
  const Bits ours = threefry<20>(3, 4, 5, 6), library = pigrad::threefry2x32(3, 4, 5, 6);
  const Bits4 known = philox(0, 0, {0, 0, 0, 0});
  const bool right = ours.a == library.a && ours.b == library.b && known.a == 0x6627e8d5u && known.b == 0xe169c58du &&
                     known.c == 0xbc57ac4cu && known.d == 0x9b00dbd8u;
  std::printf("known answers: %s\n", right ? "right" : "WRONG");
  return right ? 0 : 1;
}
