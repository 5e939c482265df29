#pragma once
#include <doctest/doctest.h>
#include <gif_lib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

/// A GIF as giflib's reader sees it: every frame put together as a viewer would.
namespace pigrad_test {

struct Gif {
  struct Frame {
    int left, top, width, height;  ///< what the file holds of it
    int delay;                     ///< hundredths of a second
    std::vector<std::uint32_t> rgb;
  };
  int width = 0, height = 0;
  bool forever = false;
  std::vector<Frame> frames;

  explicit Gif(const std::string& bytes) {
    Source source{&bytes, 0};
    int code = 0;
    GifFileType* file = DGifOpen(&source, take, &code);
    REQUIRE(file != nullptr);
    const int read = DGifSlurp(file);
    REQUIRE(read == GIF_OK);
    width = file->SWidth;
    height = file->SHeight;
    std::vector<std::uint32_t> screen(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0xff00ffffu);
    for (int i = 0; i < file->ImageCount; ++i) {
      const SavedImage& image = file->SavedImages[i];
      GraphicsControlBlock control{};
      REQUIRE(DGifSavedExtensionToGCB(file, i, &control) == GIF_OK);
      CHECK(control.DisposalMode == DISPOSE_DO_NOT);
      for (int e = 0; e < image.ExtensionBlockCount; ++e) {
        const ExtensionBlock& block = image.ExtensionBlocks[e];
        if (block.Function == APPLICATION_EXT_FUNC_CODE && std::memcmp(block.Bytes, "NETSCAPE2.0", 11) == 0)
          forever = true;
      }
      const GifImageDesc& area = image.ImageDesc;
      REQUIRE(area.ColorMap == nullptr);
      for (int y = 0; y < area.Height; ++y)
        for (int x = 0; x < area.Width; ++x) {
          const int index = image.RasterBits[y * area.Width + x];
          if (index == control.TransparentColor) continue;
          REQUIRE(index < file->SColorMap->ColorCount);
          const GifColorType c = file->SColorMap->Colors[index];
          screen[static_cast<std::size_t>((area.Top + y) * width + area.Left + x)] =
              static_cast<std::uint32_t>(c.Red << 16 | c.Green << 8 | c.Blue);
        }
      frames.push_back({area.Left, area.Top, area.Width, area.Height, control.DelayTime, screen});
    }
    DGifCloseFile(file, &code);
  }

 private:
  struct Source {
    const std::string* bytes;
    std::size_t at;
  };
  static int take(GifFileType* file, GifByteType* into, int length) {
    auto& source = *static_cast<Source*>(file->UserData);
    const auto count = std::min(static_cast<std::size_t>(length), source.bytes->size() - source.at);
    std::memcpy(into, source.bytes->data() + source.at, count);
    source.at += count;
    return static_cast<int>(count);
  }
};

}  // namespace pigrad_test
