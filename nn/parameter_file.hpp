#pragma once
#include <string>
#include <vector>

#include "../core/parameters.hpp"
#include "safetensors.hpp"

namespace pigrad {

/// The shape under which a segment is kept in a file: [rows, columns], but [columns] for a single row that is no weight
/// (its name does not end in "weight"). These are PyTorch's shapes of a Linear's weight and bias.
TensorShape file_shape(const Segment& segment);

/// Views of all segments, to be written alone or beside other tensors. They point into `parameters`.
/// @param prefix goes before each segment's name
template <class T>
std::vector<TensorView> parameter_tensors(const Parameters<T>& parameters, const std::string& prefix = "");

/// Fills all segments from the tensors `prefix + name` and calls touch(). F32 and F64 are read into either scalar.
/// Throws Error, having changed nothing, if a segment is missing, has another shape (a row may be [n] or [1, n]) or
/// holds a number that is not finite, or if the file has a tensor of this prefix that is no segment.
template <class T>
void read_parameters(const TensorFile& file, Parameters<T>& parameters, const std::string& prefix = "");

/// save_safetensors of all segments under their names.
template <class T>
void save_parameters(const std::string& path, const Parameters<T>& parameters, const Metadata& metadata = {});

/// read_parameters of a whole file; gives back its metadata.
template <class T>
Metadata load_parameters(const std::string& path, Parameters<T>& parameters);

}  // namespace pigrad
