#include "workspace.hpp"

namespace pigrad {
namespace {

template <class Slots>
auto& at(Slots& slots, int slot, const char* what) {
  if (slot < 0 || static_cast<std::size_t>(slot) >= slots.size())
    throw Error(what, "slot " + std::to_string(slot) + " of " + std::to_string(slots.size()),
                "give a slot that Program::" + std::string(what) + " returned");
  return slots[static_cast<std::size_t>(slot)];
}

}  // namespace

template <class T>
Bindings<T>::Bindings(const Program& program)
    : program_(&program),
      inputs_(program.inputs().size()),
      indices_(program.inputs().size()),
      outputs_(program.outputs().size()) {}

template <class T>
void Bindings<T>::parameters(const T* values, const T* tangents) {
  parameters_ = values;
  tangents_ = tangents;
}

template <class T>
void Bindings<T>::input(int slot, const T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride) {
  at(inputs_, slot, "input") = {data, column_stride, row_stride};
}
template <class T>
void Bindings<T>::input(const std::string& name, const T* data, std::ptrdiff_t column_stride,
                        std::ptrdiff_t row_stride) {
  const int slot = program_->input(name);
  if (program_->inputs()[static_cast<std::size_t>(slot)].index)
    throw Error(name, "this input holds integers", "bind it with index()");
  input(slot, data, column_stride, row_stride);
}

template <class T>
void Bindings<T>::index(int slot, const std::int32_t* data, std::ptrdiff_t row_stride) {
  at(indices_, slot, "input") = {data, row_stride};
}
template <class T>
void Bindings<T>::index(const std::string& name, const std::int32_t* data, std::ptrdiff_t row_stride) {
  const int slot = program_->input(name);
  if (!program_->inputs()[static_cast<std::size_t>(slot)].index)
    throw Error(name, "this input holds real numbers", "bind it with input()");
  index(slot, data, row_stride);
}

template <class T>
void Bindings<T>::output(int slot, T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride) {
  at(outputs_, slot, "output") = {data, column_stride, row_stride};
}
template <class T>
void Bindings<T>::output(const std::string& name, T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride) {
  output(program_->output(name), data, column_stride, row_stride);
}

template class Bindings<float>;
template class Bindings<double>;

}  // namespace pigrad
