#include <algorithm>

#include "records.hpp"
#include "scan.cuh"

namespace pigrad {
namespace {

constexpr int threads = 256, rows_a_thread = 8, rows_a_block = threads * rows_a_thread;

template <class T>
struct Keep {
  const T* values[DeviceRecords<T>::width];
  const double* norms[DeviceRecords<T>::width];
  int value_count, norm_count;
  double* to;

  PIGRAD_HD void operator()(long long) const {
    for (int i = 0; i < value_count; ++i) to[i] = static_cast<double>(*values[i]);
    for (int i = 0; i < norm_count; ++i) to[value_count + i] = *norms[i];
  }
};

struct Flags {
  const std::uint8_t *terminated, *truncated;
  int rows;
  PIGRAD_HD bool ended(long long row) const { return row < rows && (terminated[row] || truncated[row]); }
};

struct CountEnded {
  Flags flags;
  std::int32_t* counts;

  PIGRAD_HD void operator()(const Block& block) const {
    auto* found = block.shared<std::int32_t>();
    block.each([&](int t) {
      std::int32_t own = 0;
      for (int i = 0; i < rows_a_thread; ++i)
        own += flags.ended(block.index() * rows_a_block + t * rows_a_thread + i) ? 1 : 0;
      found[t] = own;
    });
    block.each([&](int t) {
      if (t != 0) return;
      std::int32_t sum = 0;
      for (int i = 0; i < threads; ++i) sum += found[i];
      counts[block.index()] = sum;
    });
  }
};

struct TakeEnded {
  Flags flags;
  const std::int32_t* before;  ///< of each block
  const double* total;
  const std::int32_t* length;
  EndedEpisode* out;

  PIGRAD_HD void operator()(const Block& block) const {
    auto* found = block.shared<std::int32_t>();
    const auto row = [&](int t, int i) { return block.index() * rows_a_block + t * rows_a_thread + i; };
    block.each([&](int t) {
      std::int32_t own = 0;
      for (int i = 0; i < rows_a_thread; ++i) own += flags.ended(row(t, i)) ? 1 : 0;
      found[t] = own;
    });
    block.each([&](int t) {
      if (t == 0) detail::SumBefore{found, threads, nullptr}(0);
    });
    block.each([&](int t) {
      std::int32_t at = before[block.index()] + found[t];
      for (int i = 0; i < rows_a_thread; ++i) {
        const long long r = row(t, i);
        if (flags.ended(r)) out[at++] = {total[r], length[r], flags.truncated[r]};
      }
    });
  }
};

}  // namespace

template <class T>
DeviceRecords<T>::DeviceRecords(int most)
    : most_(most), device_(static_cast<std::size_t>(most) * width), host_(device_.size()) {}

template <class T>
int DeviceRecords<T>::add(const std::vector<const T*>& values, const std::vector<const double*>& norms) {
  require(values.size() + norms.size() <= width && count_ < most_, "DeviceRecords", "there is no room",
          "make it for more records");
  Keep<T> keep{};
  for (const T* value : values) keep.values[keep.value_count++] = value;
  for (const double* norm : norms) keep.norms[keep.norm_count++] = norm;
  keep.to = device_.data() + static_cast<std::ptrdiff_t>(count_) * width;
  for_each_index("record", 1, keep);
  return count_++;
}

template <class T>
DeviceEpisodes<T>::DeviceEpisodes(int rows)
    : counts_(static_cast<std::size_t>(rows / rows_a_block + 2)),
      ended_(static_cast<std::size_t>(rows)),
      count_(1),
      first_(static_cast<std::size_t>(std::min(rows, at_once))) {
  detail::clear_on_device(ended_.data(), first_.size() * sizeof(EndedEpisode));
}

template <class T>
std::size_t DeviceEpisodes<T>::bytes(int rows) {
  return static_cast<std::size_t>(rows / rows_a_block + 2) * sizeof(std::int32_t) +
         static_cast<std::size_t>(rows) * sizeof(EndedEpisode);
}

template <class T>
void DeviceEpisodes<T>::fetch_later(const DeviceRollout<T>& rollout) {
  const Flags flags{rollout.terminated.data(), rollout.truncated.data(), rollout.rows()};
  const int blocks = (rollout.rows() + rows_a_block - 1) / rows_a_block;
  constexpr std::size_t shared = threads * sizeof(std::int32_t);
  for_each_block("episodes", blocks, threads, shared, CountEnded{flags, counts_.data()});
  for_each_index("episodes", 1, detail::SumBefore{counts_.data(), blocks, counts_.data() + blocks});
  for_each_block(
      "episodes", blocks, threads, shared,
      TakeEnded{flags, counts_.data(), rollout.episode_return.data(), rollout.episode_length.data(), ended_.data()});
  count_.fetch_later(counts_.data() + blocks, 1);
  first_.fetch_later(ended_.data(), first_.size());
}

template <class T>
std::vector<Episode> DeviceEpisodes<T>::take() const {
  const auto count = static_cast<std::size_t>(count_[0]), known = std::min(count, first_.size());
  std::vector<EndedEpisode> rest(count - known);
  detail::copy_to_host(rest.data(), ended_.data() + known, rest.size() * sizeof(EndedEpisode));
  std::vector<Episode> episodes;
  episodes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const EndedEpisode& e = i < known ? first_[i] : rest[i - known];
    episodes.push_back({e.total, e.length, e.truncated != 0});
  }
  return episodes;
}

template class DeviceRecords<float>;
template class DeviceRecords<double>;
template class DeviceEpisodes<float>;
template class DeviceEpisodes<double>;

}  // namespace pigrad
