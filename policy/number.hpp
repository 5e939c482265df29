#pragma once

namespace pigrad {

/// Reads `count` decimal numbers with commas between, inf and -inf among them, whatever the program's locale. False if
/// the text holds anything else. A number of at most 15 digits and an exponent within ±22 is read exactly, others to a
/// few units in the last place of a double.
bool read_numbers(const char* text, int count, double* out);

}  // namespace pigrad
