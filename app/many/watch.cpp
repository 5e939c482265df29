#include "watch.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "../csv_lines.hpp"

namespace pigrad::app {

void Watch::look() {
  std::error_code fault;
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path_, fault));
  if (fault) return;
  // A run that goes on from its checkpoint cuts the rows behind it.
  if (size < at_) *this = Watch(path_);
  if (size == at_) return;
  std::ifstream file(path_, std::ios::binary);
  file.seekg(at_);
  std::string more(static_cast<std::size_t>(size - at_), '\0');
  file.read(more.data(), static_cast<std::streamsize>(more.size()));
  more.resize(static_cast<std::size_t>(file.gcount()));
  at_ += file.gcount();
  rest_ += more;
  std::size_t begin = 0;
  std::vector<std::string> cells;
  while (next_csv(rest_, begin, cells)) {
    if (!header_) {
      const auto found = std::find(cells.begin(), cells.end(), "time/total_timesteps");
      if (found != cells.end()) column_ = static_cast<int>(found - cells.begin());
      header_ = true;
      continue;
    }
    ++rows_;
    if (column_ >= 0 && column_ < static_cast<int>(cells.size()))
      steps_ = static_cast<std::int64_t>(std::strtod(cells[static_cast<std::size_t>(column_)].c_str(), nullptr));
  }
  rest_.erase(0, begin);
}

}  // namespace pigrad::app
