#include "shuffle.hpp"

namespace pigrad {

void Shuffler::operator()(const std::vector<std::int32_t>& rows, const Random& random, std::uint32_t stream,
                          std::vector<std::int32_t>& out) {
  const Permutation p(static_cast<std::uint32_t>(rows.size()), random, stream);
  const std::uint32_t width = p.width();
  rounds_.resize(std::size_t{Permutation::rounds} * width);
  for (std::uint32_t k = 0; k < Permutation::rounds; k += 2)
    for (std::uint32_t other = 0; other < width; ++other) {
      const Bits bits = p.bits(static_cast<int>(k), other);
      rounds_[std::size_t{k} * width + other] = p.left(bits);
      rounds_[std::size_t{k + 1} * width + other] = p.right(bits);
    }
  out.resize(rows.size());
  const std::uint32_t* known = rounds_.data();
  const auto round = [known, width](int k, std::uint32_t other) {
    return known[static_cast<std::uint32_t>(k) * width + other];
  };
  for (std::uint32_t i = 0; i < p.size(); ++i) out[i] = rows[p.at(i, round)];
}

}  // namespace pigrad
