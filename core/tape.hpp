#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "program.hpp"

namespace pigrad {

class Tape;

/// A handle on one recorded tensor. Copying it copies the handle; it is valid while its Tape lives.
class Tensor {
 public:
  Tensor() = default;
  Tensor(Tape* tape, int id) : tape_(tape), id_(id) {}
  Tape& tape() const;
  int id() const { return id_; }
  const Shape& shape() const;
  /// Names the node, for tables, graphs and errors.
  Tensor named(const std::string& label) const;

 private:
  Tape* tape_ = nullptr;
  int id_ = -1;
};

/// Records a program: leaves first, then ops by ordinary expressions, `auto loss = mean(-log_prob * advantage)`.
class Tape {
 public:
  Tape() = default;
  /// The parameters that modules will read, by name, with their shapes.
  explicit Tape(const ParameterLayout& parameters) { recorded_.parameters = parameters; }
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// A bound batch [B×columns]. Throws Error, as the other leaves do, if the name is taken by an input. With an
  /// adjoint, a run that keeps its values keeps ∂loss/∂input too.
  Tensor input(const std::string& name, int columns, bool with_adjoint = false);
  /// A bound tensor with fixed rows, for statistics of a batch (an advantage's mean) or settings that change.
  Tensor fixed_input(const std::string& name, int rows, int columns);
  /// A bound batch of integers [B×1], for gather.
  Tensor index(const std::string& name);
  /// A segment of the parameter vector, [rows×columns]. The same segment may be read many times: its gradients add up.
  Tensor parameter(const std::string& name);
  /// A constant tensor, row-major.
  Tensor constant(int rows, int columns, std::vector<double> values);
  Tensor constant(double value) { return constant(1, 1, {value}); }

  Tensor record(const Op& op, std::initializer_list<Tensor> operands, const Attributes& attributes = {});

  /// The program of what the loss and the outputs depend on; a tape may give several. `outputs` are results that a run
  /// copies out (batches) or that Workspace::fixed_output reads; the loss is [1×1]. Throws Error for a loss of another
  /// shape, and for outputs of another tape or of equal names.
  Program program(const Tensor& loss, std::vector<std::pair<std::string, Tensor>> outputs = {}) const;
  /// A forward-only program.
  Program program(std::vector<std::pair<std::string, Tensor>> outputs) const;

 private:
  friend class Tensor;
  Tensor append(Node node);
  Tensor append_input(Node node, const std::string& name);
  Program finish(int loss, const std::vector<std::pair<std::string, Tensor>>& outputs) const;

  Program::Recorded recorded_;
};

template <class O>
Tensor record(std::initializer_list<Tensor> operands, const Attributes& attributes = {}) {
  return operands.begin()->tape().record(op_of<O>(), operands, attributes);
}

}  // namespace pigrad
