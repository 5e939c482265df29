#include "parameter_file.hpp"

#include <algorithm>
#include <cmath>

namespace pigrad {
namespace {

template <class T, class Stored>
void convert(const std::vector<Stored>& stored, T* out) {
  std::transform(stored.begin(), stored.end(), out, [](Stored x) { return static_cast<T>(x); });
}

template <class T>
void read_segment(const TensorFile& file, const Segment& segment, const std::string& name, T* out) {
  const TensorFile::Entry& entry = file.find(name);
  const TensorShape matrix{segment.rows, segment.columns};
  const bool row = segment.rows == 1 && entry.shape == TensorShape{segment.columns};
  if (entry.shape != matrix && !row)
    throw Error(file.where(),
                "tensor \"" + name + "\" is " + shape_text(entry.shape) + ", not " + shape_text(file_shape(segment)),
                "use the file with the network that wrote it");
  if (entry.dtype == Dtype::f32)
    convert(file.values<float>(name), out);
  else
    convert(file.values<double>(name), out);
  if (!std::all_of(out, out + segment.size(), [](T x) { return std::isfinite(x); }))
    throw Error(file.where(), "tensor \"" + name + "\" holds a number that is not finite", "use an earlier checkpoint");
}

}  // namespace

TensorShape file_shape(const Segment& segment) {
  if (segment.rows == 1 && !segment.name.ends_with("weight")) return {segment.columns};
  return {segment.rows, segment.columns};
}

template <class T>
std::vector<TensorView> parameter_tensors(const Parameters<T>& parameters, const std::string& prefix) {
  std::vector<TensorView> tensors;
  for (const Segment& segment : parameters.layout().segments())
    tensors.push_back(tensor_view(prefix + segment.name, file_shape(segment), parameters.data() + segment.offset));
  return tensors;
}

template <class T>
void read_parameters(const TensorFile& file, Parameters<T>& parameters, const std::string& prefix) {
  std::vector<T> values(static_cast<std::size_t>(parameters.size()));
  for (const Segment& segment : parameters.layout().segments())
    read_segment(file, segment, prefix + segment.name, values.data() + segment.offset);
  for (const TensorFile::Entry& entry : file.entries())
    if (entry.name.starts_with(prefix) && !parameters.layout().contains(entry.name.substr(prefix.size())))
      throw Error(file.where(), "tensor \"" + entry.name + "\" has no place in this network",
                  "use the file with the network that wrote it");
  std::copy(values.begin(), values.end(), parameters.data());
  parameters.touch();
}

template <class T>
void save_parameters(const std::string& path, const Parameters<T>& parameters, const Metadata& metadata) {
  save_safetensors(path, parameter_tensors(parameters), metadata);
}

template <class T>
Metadata load_parameters(const std::string& path, Parameters<T>& parameters) {
  const TensorFile file = TensorFile::load(path);
  read_parameters(file, parameters);
  return file.metadata();
}

template std::vector<TensorView> parameter_tensors(const Parameters<float>&, const std::string&);
template std::vector<TensorView> parameter_tensors(const Parameters<double>&, const std::string&);
template void read_parameters(const TensorFile&, Parameters<float>&, const std::string&);
template void read_parameters(const TensorFile&, Parameters<double>&, const std::string&);
template void save_parameters(const std::string&, const Parameters<float>&, const Metadata&);
template void save_parameters(const std::string&, const Parameters<double>&, const Metadata&);
template Metadata load_parameters(const std::string&, Parameters<float>&);
template Metadata load_parameters(const std::string&, Parameters<double>&);

}  // namespace pigrad
