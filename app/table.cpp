#include "table.hpp"

#include <algorithm>

#include "../core/error.hpp"
#include "text.hpp"

namespace pigrad::app {
namespace {

constexpr int kGap = 2, kNarrowest = 16;

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

Table& Table::row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) {
    throw Error("table", std::to_string(cells.size()) + " cells for " + std::to_string(columns_.size()) + " columns",
                "give one cell a column");
  }
  rows_.push_back(std::move(cells));
  return *this;
}

Table& Table::rule() {
  rows_.emplace_back();
  return *this;
}

std::string Table::text(int columns) const {
  std::vector<int> widths;
  int total = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int width = display_width(columns_[c].title);
    for (const auto& cells : rows_) {
      if (!cells.empty()) width = std::max(width, display_width(cells[c]));
    }
    widths.push_back(width);
    total += width + (c > 0 ? kGap : 0);
  }
  if (columns > 0 && total > columns) widths.back() = std::max(kNarrowest, widths.back() - (total - columns));

  const auto line = [&](const std::vector<std::string>& cells) {
    std::string indent, text;
    for (std::size_t c = 0; c + 1 < cells.size(); ++c) {
      text += pad(cells[c], widths[c], columns_[c].right) + std::string(kGap, ' ');
      indent += std::string(static_cast<std::size_t>(widths[c] + kGap), ' ');
    }
    std::string out;
    for (const std::string& part : wrap(cells.back(), widths.back())) {
      out += trimmed((out.empty() ? text : indent) + pad(part, widths.back(), columns_.back().right));
    }
    return out;
  };
  std::string rule;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    if (c > 0) rule += std::string(kGap, ' ');
    for (int i = 0; i < widths[c]; ++i) rule += "─";
  }
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string out = line(titles) + rule + "\n";
  for (const auto& cells : rows_) out += cells.empty() ? rule + "\n" : line(cells);
  return out;
}

}  // namespace pigrad::app
