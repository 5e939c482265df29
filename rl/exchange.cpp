#include "exchange.hpp"

namespace pigrad {

Exchange::Exchange(Group& group, const std::vector<std::size_t>& payload, std::vector<unsigned char>& room,
                   const std::string& fault)
    : group_(&group), fault_(fault), begins_(1, 0), bytes_(room) {
  for (const std::size_t size : payload) begins_.push_back(begins_.back() + head + size);
  if (bytes_.size() < begins_.back()) bytes_.resize(begins_.back());
  open(group.rank());
}

void Exchange::deliver() {
  const auto here = [&](std::size_t rank) { return bytes_.data() + begins_[rank]; };
  const std::uint64_t length = fault_.size();
  std::memcpy(here(static_cast<std::size_t>(group_->rank())), &length, head);
  group_->gather(bytes_.data(), begins_);
  std::vector<std::uint64_t> lengths(begins_.size() - 1);
  bool sound = true;
  for (std::size_t rank = 0; rank < lengths.size(); ++rank) {
    std::memcpy(&lengths[rank], here(rank), head);
    sound = sound && lengths[rank] == 0;
  }
  if (!sound) deliver_faults(lengths);
}

void Exchange::deliver_faults(const std::vector<std::uint64_t>& lengths) {
  std::vector<std::size_t> begins(1, 0);
  for (const std::uint64_t length : lengths) begins.push_back(begins.back() + length);
  std::string words(begins.back(), ' ');
  words.replace(begins[static_cast<std::size_t>(group_->rank())], fault_.size(), fault_);
  group_->gather(words.data(), begins);
  std::size_t rank = 0;
  while (lengths[rank] == 0) ++rank;
  const std::string first = words.substr(begins[rank], lengths[rank]);
  const std::size_t cure = first.rfind("; ");
  throw Error("rank " + std::to_string(rank), first.substr(0, cure),
              cure == std::string::npos ? "look at what this rank alone did" : first.substr(cure + 2));
}

}  // namespace pigrad
