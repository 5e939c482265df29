#include <vector>

#include "device.hpp"
#include "device_group.hpp"

namespace pigrad {
namespace {

class StagedGroup final : public DeviceGroup {
 public:
  explicit StagedGroup(Group& group) : group_(&group) {
    for (int r = 0; r <= group.size(); ++r) begins_.push_back(static_cast<std::size_t>(r));
  }
  int rank() const override { return group_->rank(); }
  int size() const override { return group_->size(); }
  bool capturable() const override { return false; }
  void wait() override { device_synchronize(); }

  void all_gather(const void* piece, void* all, std::size_t bytes) override {
    const auto ranks = static_cast<std::size_t>(size());
    room_.resize(bytes * ranks);
    for (std::size_t r = 0; r <= ranks; ++r) begins_[r] = r * bytes;
    detail::copy_to_host(room_.data() + begins_[static_cast<std::size_t>(rank())], piece, bytes);
    group_->gather(room_.data(), begins_);
    detail::copy_to_device(all, room_.data(), room_.size());
  }

 private:
  Group* group_;
  std::vector<std::size_t> begins_;
  std::vector<unsigned char> room_;
};

}  // namespace

std::unique_ptr<DeviceGroup> make_staged_group(Group& group) { return std::make_unique<StagedGroup>(group); }

}  // namespace pigrad
