#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../rl/fields.hpp"
#include "append_file.hpp"

namespace pigrad::app {

/// One value of a CSV row, as text that reads back to the same bits. Nothing is an empty cell.
struct Cell {
  std::string text;
  Cell() = default;
  Cell(double value) : text(shortest(value)) {}
  Cell(int value) : text(std::to_string(value)) {}
  Cell(std::int64_t value) : text(std::to_string(value)) {}
  Cell(const char* value) : text(value) {}
  Cell(std::string value) : text(std::move(value)) {}
};

/// Appends rows under a fixed header. Each row is one write, so that a killed run leaves whole rows, but perhaps its
/// last.
class CsvWriter {
 public:
  /// A new file. Throws Error if it is there already or cannot be made.
  CsvWriter(const std::string& path, std::vector<std::string> columns);
  /// Goes on after row `rows` of a file that an earlier writer left; whatever follows is cut off.
  /// Throws Error if the header is another, or there are fewer rows.
  static CsvWriter resume(const std::string& path, std::vector<std::string> columns, std::int64_t rows);

  /// Throws Error unless there is a cell for each column, or if the disk refuses.
  void row(const std::vector<Cell>& cells);
  std::int64_t rows() const { return rows_; }
  /// Puts the rows on the disk. Throws Error if it refuses.
  void sync() { file_.sync(); }

 private:
  CsvWriter() = default;

  std::string path_;
  std::vector<std::string> columns_;
  std::int64_t rows_ = 0;
  AppendFile file_;
};

/// The columns of a CSV file by name, as numbers: NaN where a cell is empty or no number.
struct CsvTable {
  std::vector<std::string> columns;
  std::map<std::string, std::vector<double>> values;
  std::size_t rows = 0;

  bool contains(const std::string& column) const { return values.count(column) > 0; }
  /// Throws Error, with the nearest name, if there is no such column.
  const std::vector<double>& at(const std::string& column) const;
};

/// Reads a CSV file with a header. A last line without its end, as a killed run leaves it, is passed over.
/// Throws Error if it cannot be read, has no header or two columns of one name, or a row has too few or too many cells.
CsvTable read_csv(const std::string& path);

}  // namespace pigrad::app
