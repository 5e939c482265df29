#include "nearest.hpp"

#include <algorithm>
#include <numeric>

namespace pigrad {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

}  // namespace

int edit_distance(const std::string& a, const std::string& b) {
  const std::size_t columns = b.size() + 1;
  std::vector<int> before_last(columns), last(columns), row(columns);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = static_cast<int>(i);
    const char x = lower(a[i - 1]);
    for (std::size_t j = 1; j < columns; ++j) {
      const char y = lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (x == y ? 0 : 1)});
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y)
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string nearest(const std::string& name, const std::vector<std::string>& known) {
  std::string best;
  double least = 0.45;
  const auto share = [&](const std::string& other) {
    const std::size_t shorter = std::min(name.size(), other.size()), longer = std::max(name.size(), other.size());
    const auto of_longer = [longer](std::size_t strokes) {
      return static_cast<double>(strokes) / static_cast<double>(longer);
    };
    // The lengths alone tell most words apart, and all that are long enough to be slow.
    const double at_least = of_longer(longer - shorter);
    return at_least < least ? of_longer(static_cast<std::size_t>(edit_distance(name, other))) : at_least;
  };
  for (const std::string& candidate : known) {
    const std::string part = last_part(candidate);
    // Having only the end of a dotted key right is a little worse than having all of it nearly right.
    const double distance = std::min(share(candidate), share(part) + (part == candidate ? 0 : 0.02));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const std::string best = nearest(name, known);
  return best.empty() ? "" : "did you mean \"" + best + "\"? ";
}

}  // namespace pigrad
