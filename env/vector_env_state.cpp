#include <cmath>
#include <string>

#include "../core/error.hpp"
#include "vector_env.hpp"

namespace pigrad {
namespace {

constexpr std::size_t header_size = 4;  // copies, state_size, the seed's high and low half
constexpr std::size_t counters = 4;     // a copy's length, return, episode, waiting reset

bool is_count(double value, double limit) { return value >= 0 && value <= limit && value == std::floor(value); }

}  // namespace

template <class T>
std::size_t VectorEnv<T>::saved_at(int copy) const {
  return header_size + static_cast<std::size_t>(copy) * (counters + static_cast<std::size_t>(state_size()));
}

template <class T>
std::vector<double> VectorEnv<T>::save() const {
  const auto states = static_cast<std::size_t>(state_size());
  std::vector<double> saved = {static_cast<double>(copies_), static_cast<double>(state_size()),
                               static_cast<double>(seed_ >> 32), static_cast<double>(seed_ & 0xFFFFFFFFu)};
  saved.resize(saved_at(copies_));
  double* to = saved.data() + header_size;
  for (int c = 0; c < copies_; ++c, to += counters + states) {
    const auto i = static_cast<std::size_t>(c);
    to[0] = length_[i];
    to[1] = return_[i];
    to[2] = static_cast<double>(episode_[i]);
    to[3] = waiting_[i];
    dynamics_->get_state(c, to + counters);
  }
  return saved;
}

template <class T>
void VectorEnv<T>::load(const std::vector<double>& saved) {
  const auto states = static_cast<std::size_t>(state_size());
  const std::size_t size = header_size + static_cast<std::size_t>(copies_) * (counters + states);
  const std::string where = spec_.id + ": load";
  if (saved.size() != size)
    throw Error(where,
                std::to_string(saved.size()) + " values are saved but " + std::to_string(copies_) + " copies need " +
                    std::to_string(size),
                "load it with as many copies of the environment that saved it");
  if (saved[0] != copies_ || saved[1] != state_size())
    throw Error(where, "it was saved by other copies or another environment",
                "load it with as many copies of the environment that saved it");
  const double longest = spec_.max_steps > 0 ? spec_.max_steps : 1 << 30;
  bool sound = is_count(saved[2], 4294967295.0) && is_count(saved[3], 4294967295.0);
  for (std::size_t i = header_size; i < size; i += counters + states)
    sound = sound && is_count(saved[i], longest) && is_count(saved[i + 2], 9007199254740992.0) &&
            is_count(saved[i + 3], 2.0);
  if (!sound) throw Error(where, "a counter in it is not one", "the file is damaged: take an earlier one");

  set_seed((static_cast<std::uint64_t>(saved[2]) << 32) | static_cast<std::uint64_t>(saved[3]));
  const double* from = saved.data() + header_size;
  for (int c = 0; c < copies_; ++c, from += counters + states) {
    const auto i = static_cast<std::size_t>(c);
    length_[i] = static_cast<std::int32_t>(from[0]);
    return_[i] = from[1];
    episode_[i] = static_cast<std::uint64_t>(from[2]);
    waiting_[i] = static_cast<std::uint8_t>(from[3]);
    dynamics_->set_state(c, from + counters);
  }
}

template std::size_t VectorEnv<float>::saved_at(int) const;
template std::size_t VectorEnv<double>::saved_at(int) const;
template std::vector<double> VectorEnv<float>::save() const;
template std::vector<double> VectorEnv<double>::save() const;
template void VectorEnv<float>::load(const std::vector<double>&);
template void VectorEnv<double>::load(const std::vector<double>&);

}  // namespace pigrad
