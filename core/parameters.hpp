#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "aligned.hpp"
#include "error.hpp"

namespace pigrad {

/// A named block of the parameter vector: a [rows × columns] matrix, row-major, as PyTorch stores it.
struct Segment {
  std::string name;
  int rows = 0, columns = 0;
  int offset = 0;  ///< of its first scalar in the vector
  int size() const { return rows * columns; }
};

/// A contiguous run of the parameter vector: what a module or an optimiser owns.
struct ParameterRange {
  int begin = 0, end = 0;
  int size() const { return end - begin; }
};

/// Names, shapes and places of an agent's parameters, in the order in which modules added them.
class ParameterLayout {
 public:
  /// Appends a segment. Throws Error if the name is taken or a side is not positive.
  Segment add(const std::string& name, int rows, int columns);
  /// Throws Error, listing the names there are, if there is no such segment.
  const Segment& find(const std::string& name) const;
  /// The segment that holds scalar `index` of the vector.
  const Segment& at(int index) const;
  bool contains(const std::string& name) const;
  const std::vector<Segment>& segments() const { return segments_; }
  int size() const { return size_; }

 private:
  std::vector<Segment> segments_;
  int size_ = 0;
};

/// One contiguous vector of an agent's parameters. Whoever writes to it calls touch(): packed copies of weights are
/// caches keyed on the version.
template <class T>
class Parameters {
 public:
  explicit Parameters(const ParameterLayout& layout)
      : layout_(layout),
        values_(static_cast<std::size_t>(layout.size()), T(0)),
        versions_(layout.segments().size(), 1) {}

  const ParameterLayout& layout() const { return layout_; }
  int size() const { return static_cast<int>(values_.size()); }
  const T* data() const { return values_.data(); }
  /// Writable; call touch() after writing.
  T* data() { return values_.data(); }
  T* data(const std::string& name) { return values_.data() + layout_.find(name).offset; }
  const T* data(const std::string& name) const { return values_.data() + layout_.find(name).offset; }
  std::uint64_t version() const { return version_; }
  /// The version of the segments in a range, which others do not change.
  std::uint64_t version(ParameterRange range) const {
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < versions_.size(); ++i)
      if (meets(i, range)) last = std::max(last, versions_[i]);
    return last;
  }
  void touch() { touch({0, size()}); }
  void touch(ParameterRange range) {
    ++version_;
    for (std::size_t i = 0; i < versions_.size(); ++i)
      if (meets(i, range)) versions_[i] = version_;
  }

 private:
  bool meets(std::size_t segment, ParameterRange range) const {
    const Segment& s = layout_.segments()[segment];
    return s.offset < range.end && s.offset + s.size() > range.begin;
  }

  ParameterLayout layout_;
  AlignedVector<T> values_;
  std::uint64_t version_ = 1;
  std::vector<std::uint64_t> versions_;  ///< of each segment
};

}  // namespace pigrad
