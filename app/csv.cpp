#include "csv.hpp"

#include <limits>
#include <utility>

#include "../core/error.hpp"
#include "../core/nearest.hpp"
#include "../core/whole_text.hpp"
#include "csv_lines.hpp"
#include "files.hpp"

namespace pigrad::app {
namespace {

double number(const std::string& text) {
  double value = 0;
  return whole_text(text, value) ? value : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

CsvWriter::CsvWriter(const std::string& path, std::vector<std::string> columns)
    : path_(path), columns_(std::move(columns)) {
  require(!columns_.empty(), "csv", "a table without columns", "give at least one");
  file_ = AppendFile::create(path, "the table");
  file_.append(join_csv(columns_));
}

CsvWriter CsvWriter::resume(const std::string& path, std::vector<std::string> columns, std::int64_t rows) {
  const std::string text = read_text(path);
  std::size_t end = 0;
  std::vector<std::string> cells;
  if (!next_csv(text, end, cells) || cells != columns) {
    throw Error(path, "the columns are not those of this run", "resume with the program that wrote it");
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    if (!next_csv(text, end, cells)) {
      throw Error(
          path,
          "it has " + std::to_string(row) + " whole rows, but the checkpoint was made after " + std::to_string(rows),
          "resume from an older checkpoint");
    }
  }
  CsvWriter writer;
  writer.path_ = path;
  writer.columns_ = std::move(columns);
  writer.rows_ = rows;
  writer.file_ = AppendFile::open(path, "the table", static_cast<std::int64_t>(end));
  return writer;
}

void CsvWriter::row(const std::vector<Cell>& cells) {
  if (cells.size() != columns_.size()) {
    throw Error(path_, std::to_string(cells.size()) + " cells for " + std::to_string(columns_.size()) + " columns",
                "give one cell a column");
  }
  std::vector<std::string> texts;
  for (const Cell& cell : cells) texts.push_back(cell.text);
  file_.append(join_csv(texts));
  ++rows_;
}

const std::vector<double>& CsvTable::at(const std::string& column) const {
  const auto found = values.find(column);
  if (found == values.end()) {
    throw Error("csv", "there is no column \"" + column + "\"",
                did_you_mean(column, columns) + "see the file's first line");
  }
  return found->second;
}

CsvTable read_csv(const std::string& path) {
  const std::string text = read_text(path);
  CsvTable table;
  std::size_t at = 0;
  if (!next_csv(text, at, table.columns)) {
    throw Error(path, "there is no whole first line", "give a CSV file with a header");
  }
  std::vector<std::vector<double>*> into;
  for (const std::string& column : table.columns) {
    if (table.contains(column)) throw Error(path, "two columns are named \"" + column + "\"", "name each differently");
    into.push_back(&table.values[column]);
  }
  std::vector<std::string> cells;
  while (next_csv(text, at, cells)) {
    ++table.rows;
    if (cells.size() != table.columns.size()) {
      throw Error(path,
                  "row " + std::to_string(table.rows) + " has " + std::to_string(cells.size()) + " cells for " +
                      std::to_string(table.columns.size()) + " columns",
                  "give a whole CSV file");
    }
    for (std::size_t c = 0; c < cells.size(); ++c) into[c]->push_back(number(cells[c]));
  }
  return table;
}

}  // namespace pigrad::app
