#pragma once
#include <memory>
#include <pigrad/core/parameters.hpp>
#include <pigrad/core/workspace.hpp>
#include <pigrad/nn/distribution.hpp>
#include <pigrad/nn/mlp.hpp>
#include <pigrad/nn/optimiser.hpp>
#include <string>
#include <vector>

#include "update_view.hpp"

namespace pigrad::bench {

/// Random data: the same numbers in float and double.
template <class T>
class UpdateData {
 public:
  explicit UpdateData(int rows);
  UpdateView<T> view() const {
    return {rows_, obs_.data(), action_.data(), box_.data(), advantage_.data(), target_.data()};
  }

 private:
  int rows_;
  std::vector<T> obs_, box_, advantage_, target_;
  std::vector<std::int32_t> action_;
};

/// Both networks in one parameter vector: weight and bias of actor.0, .2, .4, a Gaussian's log-std, then of critic.0,
/// .2, .4.
struct UpdateModel {
  explicit UpdateModel(const UpdateKind& kind = {});

  UpdateKind kind;
  std::unique_ptr<Distribution> head;
  ParameterLayout layout;
  Mlp actor, critic;
  /// PyTorch's start, the same numbers in float and double.
  template <class T>
  std::vector<T> initial() const;
  /// Inputs obs, action, advantage, target.
  Program loss() const;
};

/// What every contender can do. `gradient` and `parameters` write vectors laid out as UpdateModel::layout.
template <class T>
class Update {
 public:
  virtual ~Update() = default;
  Update(const Update&) = delete;
  Update& operator=(const Update&) = delete;

  /// Back to the initial parameters and a new optimiser.
  virtual void reset() = 0;
  virtual void gradient(T* out) = 0;
  virtual void parameters(T* out) const = 0;
  /// Forward, backward, Adam.
  virtual void step() = 0;

 protected:
  Update() = default;
};

/// The update as users write it: a recorded loss, run block by block.
template <class T>
class TapeUpdate final : public Update<T> {
 public:
  TapeUpdate(const UpdateModel& model, const UpdateView<T>& data, int threads = 1);
  void reset() override;
  void gradient(T* out) override;
  void parameters(T* out) const override;
  void step() override;
  const char* backend() const { return workspace_.backend(); }

 private:
  RunOptions options_;
  std::vector<T> start_, gradient_;
  Parameters<T> parameters_;
  Program program_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  std::unique_ptr<Optimiser<T>> adam_;
};

/// The largest difference of any tensor relative to that tensor's norm.
struct Difference {
  double relative = 0;
  std::string tensor;  ///< the first whose difference passes the tolerance; empty if none does
};
template <class T>
Difference compare(const ParameterLayout& layout, const std::vector<T>& truth, const std::vector<T>& other,
                   double tolerance);

/// Compares gradients, and parameters after five Adam steps, of two contenders; prints a line for each.
/// @return whether all tensors agree within the tolerance
template <class T>
bool agree(const std::string& what, const ParameterLayout& layout, Update<T>& truth, Update<T>& other,
           double tolerance);

}  // namespace pigrad::bench
