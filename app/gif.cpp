#include "gif.hpp"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>

#include "../core/error.hpp"

namespace pigrad::app {
namespace {

constexpr int kBits = 6, kColours = (1 << kBits) - 1, kSame = kColours;
constexpr std::size_t kSamples = 12;

std::size_t bin(std::uint32_t rgb) { return (rgb >> 9 & 0x7c00u) | (rgb >> 6 & 0x3e0u) | (rgb >> 3 & 0x1fu); }

int distance(std::uint32_t a, std::uint32_t b) {
  const auto part = [&](int shift) {
    const int d = static_cast<int>(a >> shift & 255u) - static_cast<int>(b >> shift & 255u);
    return d * d;
  };
  return part(16) + part(8) + part(0);
}

/// Colours of a few frames: half of them the most frequent, the others each the farthest from those chosen before.
/// Colours that share their five upper bits a channel count as one, the most frequent of them.
class Palette {
 public:
  explicit Palette(const Animation& animation) {
    std::map<std::uint32_t, std::int64_t> exact;
    const std::size_t last = animation.delays.size() - 1, samples = std::min(kSamples, last + 1);
    for (std::size_t i = 0; i < samples; ++i)
      for (const std::uint32_t rgb : animation.frame(samples > 1 ? last * i / (samples - 1) : 0).rgb) ++exact[rgb];
    std::map<std::size_t, std::pair<std::int64_t, std::uint32_t>> total, leader;
    for (const auto& [rgb, count] : exact) {
      total[bin(rgb)].first += count;
      auto& most = leader[bin(rgb)];
      if (count > most.first) most = {count, rgb};
    }
    std::vector<std::pair<std::int64_t, std::uint32_t>> found;
    for (const auto& [key, sum] : total) found.emplace_back(-sum.first, leader[key].second);
    std::sort(found.begin(), found.end());
    for (const auto& entry : found) colours_.push_back(entry.second);
    if (colours_.size() > kColours) choose();
    nearest_.fill(-1);
  }

  const std::vector<std::uint32_t>& colours() const { return colours_; }

  GifByteType index(std::uint32_t rgb) {
    std::int16_t& known = nearest_[bin(rgb)];
    if (known < 0) {
      const auto closer = [&](std::uint32_t a, std::uint32_t b) { return distance(a, rgb) < distance(b, rgb); };
      known = static_cast<std::int16_t>(std::min_element(colours_.begin(), colours_.end(), closer) - colours_.begin());
    }
    return static_cast<GifByteType>(known);
  }

 private:
  void choose() {
    std::vector<int> apart(colours_.size(), std::numeric_limits<int>::max());
    const auto count_in = [&](std::uint32_t chosen) {
      for (std::size_t i = 0; i < colours_.size(); ++i) apart[i] = std::min(apart[i], distance(colours_[i], chosen));
    };
    std::vector<std::uint32_t> chosen(colours_.begin(), colours_.begin() + kColours / 2);
    for (const std::uint32_t rgb : chosen) count_in(rgb);
    while (chosen.size() < kColours) {
      const auto farthest = std::max_element(apart.begin(), apart.end()) - apart.begin();
      chosen.push_back(colours_[static_cast<std::size_t>(farthest)]);
      count_in(chosen.back());
    }
    colours_ = chosen;
  }

  std::vector<std::uint32_t> colours_;
  std::array<std::int16_t, 1 << 15> nearest_;
};

int append(GifFileType* file, const GifByteType* data, int length) {
  static_cast<std::string*>(file->UserData)
      ->append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(length));
  return length;
}

struct Area {
  int left = 0, top = 0, right = 0, bottom = 0;
  bool empty() const { return left >= right; }
};

class Writer {
 public:
  Writer(const Pixels& first, Palette& palette) : palette_(palette), width_(first.width), height_(first.height) {
    require(width_ > 0 && height_ > 0 && width_ < 65536 && height_ < 65536, "gif", "it is too large or empty",
            "give from 1 to 65535 dots a side");
    int code = 0;
    file_ = EGifOpen(&bytes_, append, &code);
    require(file_ != nullptr, "gif", "the picture cannot be begun", "give it memory");
    EGifSetGifVersion(file_, true);
    ColorMapObject* map = GifMakeMapObject(1 << kBits, nullptr);
    for (std::size_t i = 0; i < palette.colours().size(); ++i) {
      const std::uint32_t rgb = palette.colours()[i];
      map->Colors[i] = {static_cast<GifByteType>(rgb >> 16), static_cast<GifByteType>(rgb >> 8 & 255u),
                        static_cast<GifByteType>(rgb & 255u)};
    }
    const int status = EGifPutScreenDesc(file_, width_, height_, kBits, 0, map);
    GifFreeMapObject(map);
    check(status);
    const GifByteType forever[] = {1, 0, 0};
    check(EGifPutExtensionLeader(file_, APPLICATION_EXT_FUNC_CODE));
    check(EGifPutExtensionBlock(file_, 11, "NETSCAPE2.0"));
    check(EGifPutExtensionBlock(file_, sizeof forever, forever));
    check(EGifPutExtensionTrailer(file_));
  }
  ~Writer() {
    if (file_) EGifCloseFile(file_, nullptr);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::vector<GifByteType> indices(const Pixels& pixels) {
    require(pixels.width == width_ && pixels.height == height_, "gif", "a frame has another size", "give all the same");
    std::vector<GifByteType> result(pixels.rgb.size());
    std::transform(pixels.rgb.begin(), pixels.rgb.end(), result.begin(),
                   [&](std::uint32_t rgb) { return palette_.index(rgb); });
    return result;
  }

  /// Where two frames differ; all of it where there is none before.
  Area changed(const std::vector<GifByteType>& before, const std::vector<GifByteType>& now) const {
    if (before.empty()) return {0, 0, width_, height_};
    Area area{width_, height_, 0, 0};
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x)
        if (before[at(x, y)] != now[at(x, y)])
          area = {std::min(area.left, x), std::min(area.top, y), std::max(area.right, x + 1), y + 1};
    return area;
  }

  void frame(const std::vector<GifByteType>& before, const std::vector<GifByteType>& now, const Area& area, int delay) {
    GraphicsControlBlock control{};
    control.DisposalMode = DISPOSE_DO_NOT;
    control.DelayTime = std::min(delay, 65535);
    control.TransparentColor = before.empty() ? NO_TRANSPARENT_COLOR : kSame;
    GifByteType packed[4];
    check(EGifPutExtension(file_, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(EGifGCBToExtension(&control, packed)),
                           packed));
    check(EGifPutImageDesc(file_, area.left, area.top, area.right - area.left, area.bottom - area.top, false, nullptr));
    std::vector<GifByteType> line(static_cast<std::size_t>(area.right - area.left));
    for (int y = area.top; y < area.bottom; ++y) {
      for (int x = area.left; x < area.right; ++x) {
        const bool same = !before.empty() && before[at(x, y)] == now[at(x, y)];
        line[static_cast<std::size_t>(x - area.left)] = same ? static_cast<GifByteType>(kSame) : now[at(x, y)];
      }
      check(EGifPutLine(file_, line.data(), static_cast<int>(line.size())));
    }
  }

  std::string finish() {
    check(EGifCloseFile(std::exchange(file_, nullptr), nullptr));
    return std::move(bytes_);
  }

 private:
  std::size_t at(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }
  static void check(int status) {
    require(status == GIF_OK, "gif", "the picture cannot be packed", "give a smaller one");
  }

  Palette& palette_;
  int width_, height_;
  std::string bytes_;
  GifFileType* file_ = nullptr;
};

}  // namespace

std::string draw_gif(const Animation& animation) {
  const std::size_t frames = animation.delays.size();
  require(frames > 0, "gif", "there is nothing to show", "give at least one frame");
  Palette palette(animation);
  Pixels pixels = animation.frame(0);
  Writer writer(pixels, palette);
  std::vector<GifByteType> shown, waiting = writer.indices(pixels);
  Area area = writer.changed(shown, waiting);
  int delay = animation.delays[0];
  for (std::size_t i = 1; i < frames; ++i) {
    std::vector<GifByteType> next = writer.indices(animation.frame(i));
    const Area moved = writer.changed(waiting, next);
    if (!moved.empty()) {
      writer.frame(shown, waiting, area, delay);
      shown = std::exchange(waiting, std::move(next));
      area = moved;
      delay = 0;
    }
    delay += animation.delays[i];
  }
  writer.frame(shown, waiting, area, delay);
  return writer.finish();
}

}  // namespace pigrad::app
