#pragma once
#include <memory>
#include <string>

#include "a2c_update.hpp"

namespace pigrad::bench {

/// Who moves LibTorch's parameters: its C++ frontend's optimiser, or the one fused kernel that Python reaches by
/// Adam(fused=True).
enum class TorchAdam { frontend, fused };

/// The update in LibTorch's C++ frontend: modules, autograd, Adam.
template <class T>
class TorchUpdate final : public Update<T> {
 public:
  TorchUpdate(const UpdateModel& model, const UpdateView<T>& data, TorchAdam adam);
  ~TorchUpdate() override;
  void reset() override;
  void gradient(T* out) override;
  void parameters(T* out) const override;
  void step() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// So many threads inside LibTorch, and glibc's malloc told to keep large blocks instead of giving them back to the
/// system at every free: without that LibTorch loses up to half of its speed at 2048 rows and more. In words, for the
/// report.
std::string settle_torch(int threads = 1);

}  // namespace pigrad::bench
