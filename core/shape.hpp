#pragma once
#include <string>

namespace pigrad {

/// A tensor is rows × columns. The rows of a batch are counted when a program runs; every other tensor has fixed rows.
struct Shape {
  static constexpr int batch_rows = -1;

  int rows = 1;
  int columns = 1;

  static Shape batch(int columns) { return {batch_rows, columns}; }
  bool is_batch() const { return rows == batch_rows; }
  bool is_scalar() const { return rows == 1 && columns == 1; }
  bool operator==(const Shape&) const = default;

  /// "[B×4]", "[1×1]".
  std::string text() const {
    std::string text = "[";
    text += is_batch() ? "B" : std::to_string(rows);
    text += "×";
    text += std::to_string(columns);
    text += "]";
    return text;
  }
};

}  // namespace pigrad
