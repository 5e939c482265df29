#pragma once
#include <array>
#include <pigrad/core/aligned.hpp>
#include <pigrad/core/backend.hpp>

#include "a2c_update.hpp"

namespace pigrad::bench {

/// The update with the library's own kernels, called by hand in blocks of 96 rows: what remains of the tape's time
/// above this is the tape's.
template <class T>
class KernelUpdate final : public Update<T> {
 public:
  KernelUpdate(const UpdateModel& model, const UpdateView<T>& data);
  void reset() override;
  void gradient(T* out) override;
  void parameters(T* out) const override;
  void step() override;

 private:
  static constexpr int block = 96, depth = 3;

  struct Layer {
    KernelPair<T> hidden;  ///< affine and tanh in one, or just affine
    bool fused = false;
    Call<T> forward, vjp, tanh_forward, tanh_vjp;
  };
  struct Network {
    std::array<Layer, depth> layers;
    Panel<T> y, y_bar;
  };

  void build(Network& network, const Mlp& mlp);
  void forward(Network& network, int begin, int rows) const;
  void backward(Network& network) const;

  std::vector<T> start_, gradient_;
  Parameters<T> parameters_;
  UpdateView<T> data_;
  const Backend<T>& backend_;
  Aligned<T> arena_;
  std::size_t used_ = 0;
  Network actor_, critic_;
  std::unique_ptr<Optimiser<T>> adam_;
};

}  // namespace pigrad::bench
