#include <algorithm>

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
      input_tangents_(program.inputs().size()),
      indices_(program.inputs().size()),
      outputs_(program.outputs().size()) {}

template <class T>
int Bindings<T>::real_slot(const std::string& name, const char* cure) const {
  const int slot = program_->input(name);
  if (program_->inputs()[static_cast<std::size_t>(slot)].index) throw Error(name, "this input holds integers", cure);
  return slot;
}

template <class T>
void Bindings<T>::parameters(const T* values, const T* tangents) {
  parameters_ = values;
  tangents_ = tangents;
  version_ = 0;
}

template <class T>
void Bindings<T>::parameters(const Parameters<T>& vector) {
  parameters(vector.data());
  version_ = vector.version();
}

template <class T>
void Bindings<T>::input(int slot, const T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride) {
  at(inputs_, slot, "input") = {data, column_stride, row_stride};
}
template <class T>
void Bindings<T>::input(const std::string& name, const T* data, std::ptrdiff_t column_stride,
                        std::ptrdiff_t row_stride) {
  input(real_slot(name, "bind it with index()"), data, column_stride, row_stride);
}

template <class T>
void Bindings<T>::input_tangent(int slot, const T* data, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride) {
  at(input_tangents_, slot, "input") = {data, column_stride, row_stride};
}
template <class T>
void Bindings<T>::input_tangent(const std::string& name, const T* data, std::ptrdiff_t column_stride,
                                std::ptrdiff_t row_stride) {
  input_tangent(real_slot(name, "leave its tangent out: integers have none"), data, column_stride, row_stride);
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

namespace {

template <class Views, class View>
void set_view(Views& views, int node, const View& view) {
  const auto found = std::find_if(views.begin(), views.end(), [&](const auto& v) { return v.node == node; });
  if (found == views.end()) {
    if (view) views.push_back({node, view});
  } else if (view) {
    found->view = view;
  } else {
    views.erase(found);
  }
}

void check_batch_node(const Program& program, int node) {
  if (node >= 0 && node < static_cast<int>(program.nodes().size()) && program.node(node).kind == NodeKind::op &&
      program.node(node).shape.is_batch())
    return;
  throw Error("node " + std::to_string(node), "it is no op over the batch", "give a number of Program::table");
}

}  // namespace

template <class T>
void Bindings<T>::value_out(int node, T* data, std::ptrdiff_t column_stride) {
  check_batch_node(*program_, node);
  set_view(values_out_, node, View<T>{data, column_stride, 1});
}

template <class T>
void Bindings<T>::known_value(int node, const T* data, std::ptrdiff_t column_stride) {
  check_batch_node(*program_, node);
  set_view(known_, node, View<const T>{data, column_stride, 1});
}

template class Bindings<float>;
template class Bindings<double>;

}  // namespace pigrad
