#include <numeric>
#include <pigrad/rl/shuffle.hpp>

#include "measure.hpp"

namespace {

using namespace pigrad;

/// Fisher and Yates 1938, as Durstenfeld 1964: the order that PPO had before.
void swap_along(std::vector<std::int32_t>& rows, const Random& random, std::uint32_t stream) {
  for (std::uint64_t n = rows.size(); n > 1; --n) {
    const Bits bits = random(stream, n);
    std::swap(rows[n - 1], rows[static_cast<std::size_t>((bits.a * n + ((bits.b * n) >> 32)) >> 32)]);
  }
}

}  // namespace

/// Nanoseconds a row of an order of many rows: Shuffler beside Fisher and Yates.
int main(int argc, char** argv) {
  using namespace pigrad::bench;
  print_head(argc, argv);
  const Random random(1, Purpose::shuffle);
  std::printf("%-8s %10s %14s %8s\n", "rows", "shuffler", "fisher-yates", "ratio");
  for (const int rows : {64, 256, 2048, 16384, 131072, 1048576}) {
    std::vector<std::int32_t> all(static_cast<std::size_t>(rows)), out, swapped;
    std::iota(all.begin(), all.end(), 0);
    Shuffler shuffle;
    std::uint32_t stream = 0;
    const std::vector<Contender> contenders = {{"shuffler", [&] { shuffle(all, random, ++stream, out); }},
                                               {"fisher-yates", [&] {
                                                  swapped = all;
                                                  swap_along(swapped, random, ++stream);
                                                }}};
    const std::vector<Timing> timings = interleaved(contenders, 9);
    const double ours = 1e9 * timings[0].median / rows, theirs = 1e9 * timings[1].median / rows;
    std::printf("%-8d %10.2f %14.2f %8.2f\n", rows, ours, theirs, ours / theirs);
  }
}
