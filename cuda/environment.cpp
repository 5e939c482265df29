#include "environment.hpp"

namespace pigrad {
namespace {

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }
constexpr std::size_t header_size = 4, counters_size = 4;  // of VectorEnv::save

}  // namespace

template <class T>
DeviceEnv<T>::DeviceEnv(const Spec& spec, int copies, int state_size)
    : spec_(spec),
      copies_(copies),
      part_{0, copies},
      ld_(padded(copies)),
      states_(at(ld_ * state_size)),
      length_(at(copies)),
      total_(at(copies)),
      episode_(at(copies)) {}

template <class T>
std::size_t DeviceEnv<T>::bytes(int copies, int state_size) {
  return at(padded(copies) * state_size) * sizeof(T) +
         at(copies) * (sizeof(std::int32_t) + sizeof(double) + sizeof(std::uint64_t));
}

template <class T>
std::vector<double> DeviceEnv<T>::save() const {
  const auto states = states_.download();
  const auto length = length_.download();
  const auto total = total_.download();
  const auto episode = episode_.download();
  const int fields = state_size();
  std::vector<double> saved = {static_cast<double>(copies_), static_cast<double>(fields),
                               static_cast<double>(seed_ >> 32), static_cast<double>(seed_ & 0xFFFFFFFFu)};
  saved.reserve(header_size + at(copies_) * (counters_size + at(fields)));
  for (int c = 0; c < copies_; ++c) {
    saved.insert(saved.end(),
                 {static_cast<double>(length[at(c)]), total[at(c)], static_cast<double>(episode[at(c)]), 0.0});
    for (int f = 0; f < fields; ++f) saved.push_back(static_cast<double>(states[at(f * ld_ + c)]));
  }
  return saved;
}

template <class T>
void DeviceEnv<T>::load(const std::vector<double>& saved) {
  const int fields = state_size();
  require(saved.size() == header_size + at(copies_) * (counters_size + at(fields)), "DeviceEnv",
          "what was saved is of other copies or another environment", "load what as many of them saved");
  seed_ = (static_cast<std::uint64_t>(saved[2]) << 32) | static_cast<std::uint64_t>(saved[3]);
  std::vector<T> states(states_.size());
  std::vector<std::int32_t> length(at(copies_));
  std::vector<double> total(at(copies_));
  std::vector<std::uint64_t> episode(at(copies_));
  const double* from = saved.data() + header_size;
  for (int c = 0; c < copies_; ++c, from += counters_size + at(fields)) {
    length[at(c)] = static_cast<std::int32_t>(from[0]);
    total[at(c)] = from[1];
    episode[at(c)] = static_cast<std::uint64_t>(from[2]);
    for (int f = 0; f < fields; ++f) states[at(f * ld_ + c)] = static_cast<T>(from[counters_size + at(f)]);
  }
  states_.upload(states.data());
  length_.upload(length.data());
  total_.upload(total.data());
  episode_.upload(episode.data());
}

template class DeviceEnv<float>;
template class DeviceEnv<double>;

}  // namespace pigrad
