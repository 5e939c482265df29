#include <pigrad/app/settings.hpp>
#include <pigrad/rl/settings.hpp>

#include "input.hpp"

/// `--set`, once for each line. What is accepted leaves every field within its range.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigrad;
  TrainSettings settings;
  const auto fields = fields_of(settings);
  const std::string all = pigrad_fuzz::text(data, size);
  int left = pigrad_fuzz::most_lines;
  for (std::size_t begin = 0, end; left-- > 0 && begin < all.size(); begin = end + 1) {
    end = std::min(all.find('\n', begin), all.size());
    try {
      app::set_setting(fields, all.substr(begin, end - begin));
    } catch (const Error&) {
    }
  }
  for (const Field& field : fields) field.check();
  return 0;
}
