#pragma once
#include <string>
#include <vector>

namespace pigrad::app {

/// A table of text: a header, a rule, rows with aligned columns.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;  ///< numbers
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Throws Error unless there is a cell for each column.
  Table& row(std::vector<std::string> cells);
  /// A rule before the next row: above a sum.
  Table& rule();
  bool empty() const { return rows_.empty(); }

  /// Lines that end in newlines. Where they would be wider than `columns` (0 = no limit), the last column wraps.
  std::string text(int columns = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  ///< a row without cells is a rule
};

}  // namespace pigrad::app
