#include <pigrad/app/gif.hpp>
#include <pigrad/core/error.hpp>

#include "gif_reader.hpp"

using namespace pigrad;
using namespace pigrad::app;
using pigrad_test::Gif;

namespace {

// Few enough colours that none is lost.
constexpr std::uint32_t kInks[] = {0xffffff, 0x0072b2, 0xd55e00, 0x102030, 0xfefefe};

Pixels noise(int width, int height, unsigned seed) {
  Pixels pixels{width, height, {}};
  for (int i = 0; i < width * height; ++i) {
    seed = seed * 1664525u + 1013904223u;
    pixels.rgb.push_back(kInks[(seed >> 16) % 4]);
  }
  return pixels;
}

Animation animation_of(std::vector<Pixels> frames, std::vector<int> delays) {
  return {std::move(delays), [frames = std::move(frames)](std::size_t i) { return frames[i]; }};
}

}  // namespace

TEST_CASE("an independent reader sees the same dots, times and an endless loop") {
  std::vector<Pixels> frames;
  for (unsigned i = 0; i < 7; ++i) frames.push_back(noise(61, 43, i));
  const Gif gif(draw_gif(animation_of(frames, {4, 5, 6, 7, 8, 9, 300})));
  CHECK(gif.width == 61);
  CHECK(gif.height == 43);
  CHECK(gif.forever);
  REQUIRE(gif.frames.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CAPTURE(i);
    CHECK(gif.frames[i].rgb == frames[i].rgb);
    CHECK(gif.frames[i].delay == (i == 6 ? 300 : static_cast<int>(i) + 4));
  }
}

TEST_CASE("of each frame only what changed is written, and equal frames become one") {
  const Pixels first = noise(50, 40, 1);
  Pixels second = first;
  for (const int i : {50 * 10 + 20, 50 * 12 + 23}) {
    auto& dot = second.rgb[static_cast<std::size_t>(i)];
    dot = dot == kInks[1] ? kInks[2] : kInks[1];
  }
  const std::string bytes = draw_gif(animation_of({first, first, second, second, first}, {4, 4, 4, 4, 4}));
  const Gif gif(bytes);
  REQUIRE(gif.frames.size() == 3);
  CHECK(gif.frames[0].delay == 8);
  CHECK(gif.frames[1].delay == 8);
  CHECK(gif.frames[2].delay == 4);
  CHECK(gif.frames[1].left == 20);
  CHECK(gif.frames[1].top == 10);
  CHECK(gif.frames[1].width == 4);
  CHECK(gif.frames[1].height == 3);
  CHECK(gif.frames[0].rgb == first.rgb);
  CHECK(gif.frames[1].rgb == second.rgb);
  CHECK(gif.frames[2].rgb == first.rgb);
  CHECK(draw_gif(animation_of({first, first, second, second, first}, {4, 4, 4, 4, 4})) == bytes);
}

TEST_CASE("of many colours the frequent ones stay and the others become one near them") {
  Pixels many{256, 256, {}};
  for (std::uint32_t i = 0; i < 65536; ++i) many.rgb.push_back(i % 3 == 0 ? 0xffffffu : (i & 0xffffu) << 8);
  const Gif gif(draw_gif(animation_of({many}, {10})));
  REQUIRE(gif.frames.size() == 1);
  std::size_t white = 0;
  for (std::size_t i = 0; i < many.rgb.size(); i += 3) white += gif.frames[0].rgb[i] == 0xffffffu;
  CHECK(white == (many.rgb.size() + 2) / 3);
  double apart = 0;
  for (std::size_t i = 0; i < many.rgb.size(); ++i)
    for (const int shift : {0, 8, 16})
      apart = std::max(apart, std::abs(static_cast<double>(many.rgb[i] >> shift & 255u) -
                                       static_cast<double>(gif.frames[0].rgb[i] >> shift & 255u)));
  CHECK(apart < 80);
}

TEST_CASE("one dot is a picture; none, and frames of several sizes, are refused") {
  const Gif gif(draw_gif(animation_of({Pixels{1, 1, {0xd55e00}}}, {0})));
  CHECK(gif.frames[0].rgb == std::vector<std::uint32_t>{0xd55e00});
  CHECK_THROWS_AS(draw_gif(animation_of({}, {})), Error);
  CHECK_THROWS_AS(draw_gif(animation_of({Pixels{}}, {1})), Error);
  CHECK_THROWS_AS(draw_gif(animation_of({noise(3, 4, 1), noise(4, 3, 1)}, {1, 1})), Error);
  CHECK_THROWS_AS(draw_gif(animation_of({Pixels{65536, 1, std::vector<std::uint32_t>(65536)}}, {1})), Error);
}
