#include "exchange.hpp"
#include "launch.cuh"

namespace pigrad {
namespace {

constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 15) / 16 * 16; }

/// A panel's bytes in a rank's slot, where every rank has room for the most copies of any.
std::size_t room_of(const DeviceExchange::Panel& p, int most) {
  return aligned(p.element * static_cast<std::size_t>(p.planes) * static_cast<std::size_t>(p.steps) *
                 static_cast<std::size_t>(most));
}
std::size_t slot_of(const std::vector<DeviceExchange::Panel>& panels, int most) {
  std::size_t bytes = 0;
  for (const auto& p : panels) bytes += room_of(p, most);
  return bytes;
}

/// Entry (plane, step, copy) of a rank's part, as i counts them with room for `most` copies.
template <class V>
struct Entry {
  V* data;
  std::ptrdiff_t stride;
  int steps, copies, most, ranks;

  PIGRAD_HD long long begin(int rank) const { return static_cast<long long>(copies) * rank / ranks; }
  /// Null where the rank has no such copy.
  PIGRAD_HD V* at(long long i, int rank) const {
    const long long e = begin(rank) + i % most, line = i / most;
    return e < begin(rank + 1) ? data + line / steps * stride + line % steps * copies + e : nullptr;
  }
};

template <class V>
struct Pack {
  Entry<V> entry;
  int rank;
  V* piece;
  PIGRAD_HD void operator()(long long i) const {
    if (const V* from = entry.at(i, rank)) piece[i] = *from;
  }
};

template <class V>
struct Unpack {
  Entry<V> entry;
  long long entries;  ///< of a rank
  std::ptrdiff_t slot;
  const unsigned char* all;
  PIGRAD_HD void operator()(long long i) const {
    const int rank = static_cast<int>(i / entries);
    if (V* to = entry.at(i % entries, rank)) *to = reinterpret_cast<const V*>(all + rank * slot)[i % entries];
  }
};

/// body(V*) with V of so many bytes.
template <class Body>
void with_element(std::size_t element, void* data, const Body& body) {
  if (element == 1)
    body(static_cast<std::uint8_t*>(data));
  else if (element == 4)
    body(static_cast<std::uint32_t*>(data));
  else
    body(static_cast<std::uint64_t*>(data));
}

}  // namespace

DeviceExchange::DeviceExchange(DeviceGroup& group, int copies, std::vector<Panel> panels)
    : group_(&group),
      copies_(copies),
      panels_(std::move(panels)),
      slot_(slot_of(panels_, DeviceGroup::most(copies, group.size()))),
      piece_(slot_),
      all_(slot_ * static_cast<std::size_t>(group.size())) {}

std::size_t DeviceExchange::bytes(int ranks, int copies, const std::vector<Panel>& panels) {
  return slot_of(panels, DeviceGroup::most(copies, ranks)) * static_cast<std::size_t>(ranks + 1);
}

void DeviceExchange::run() {
  const int most = DeviceGroup::most(copies_, group_->size());
  std::size_t offset = 0;
  const auto each = [&](const auto& body) {
    offset = 0;
    for (const Panel& p : panels_) {
      with_element(p.element, p.data, [&]<class V>(V* data) {
        body(Entry<V>{data, p.stride, p.steps, copies_, most, group_->size()},
             static_cast<long long>(p.planes) * p.steps * most);
      });
      offset += room_of(p, most);
    }
  };
  each([&]<class V>(const Entry<V>& entry, long long entries) {
    for_each_index("exchange", entries, Pack<V>{entry, group_->rank(), reinterpret_cast<V*>(piece_.data() + offset)});
  });
  group_->all_gather(piece_.data(), all_.data(), slot_);
  each([&]<class V>(const Entry<V>& entry, long long entries) {
    for_each_index("exchange", entries * group_->size(),
                   Unpack<V>{entry, entries, static_cast<std::ptrdiff_t>(slot_), all_.data() + offset});
  });
}

}  // namespace pigrad
