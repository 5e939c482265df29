#include "nearest.hpp"

#include <algorithm>

namespace pigrad {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

}  // namespace

int edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<int>(i + j);
        continue;
      }
      const char x = lower(a[i - 1]), y = lower(b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (x == y ? 0 : 1)});
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string nearest(const std::string& name, const std::vector<std::string>& known) {
  std::string best;
  double least = 0.45;
  for (const std::string& candidate : known) {
    const std::string part = last_part(candidate);
    const auto share = [&](const std::string& other) {
      return edit_distance(name, other) / static_cast<double>(std::max(name.size(), other.size()));
    };
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
