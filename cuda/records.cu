#include <algorithm>

#include "records.hpp"
#include "scan.cuh"

namespace pigrad {
namespace {

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

struct Ended {
  const std::uint8_t *terminated, *truncated;
  PIGRAD_HD std::int32_t operator()(long long row) const { return terminated[row] || truncated[row] ? 1 : 0; }
};

struct TakeEnded {
  Ended ended;
  const double* total;
  const std::int32_t* length;
  EndedEpisode* out;
  PIGRAD_HD void operator()(long long row, std::int32_t before) const {
    if (ended(row) != 0) out[before] = {total[row], length[row], ended.truncated[row]};
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
    : counts_(scan_scratch(rows) + 1),
      ended_(static_cast<std::size_t>(rows)),
      count_(1),
      first_(static_cast<std::size_t>(std::min(rows, at_once))) {
  detail::clear_on_device(ended_.data(), first_.size() * sizeof(EndedEpisode));
}

template <class T>
std::size_t DeviceEpisodes<T>::bytes(int rows) {
  return (scan_scratch(rows) + 1) * sizeof(std::int32_t) + static_cast<std::size_t>(rows) * sizeof(EndedEpisode);
}

template <class T>
void DeviceEpisodes<T>::fetch_later(const DeviceRollout<T>& rollout) {
  const Ended ended{rollout.terminated.data(), rollout.truncated.data()};
  scan("episodes", rollout.rows(), ended,
       TakeEnded{ended, rollout.episode_return.data(), rollout.episode_length.data(), ended_.data()},
       counts_.data() + counts_.size() - 1, counts_.data());
  count_.fetch_later(counts_.data() + counts_.size() - 1, 1);
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
