#pragma once
#include <string>
#include <vector>

namespace pigrad::app {

/// A line of CSV with its newline, quoted after RFC 4180 where needed.
std::string join_csv(const std::vector<std::string>& cells);

/// The cells of the line that begins at `begin`, which moves to behind its newline. Returns false at the end of the
/// text, and where the last line has no newline.
bool next_csv(const std::string& text, std::size_t& begin, std::vector<std::string>& cells);

}  // namespace pigrad::app
