#include "onnx_graph.hpp"

#include <protozero/pbf_writer.hpp>

namespace pigrad::app {
namespace {

using protozero::pbf_tag_type;
using protozero::pbf_writer;

// Field numbers and values of onnx.proto.
enum Model : pbf_tag_type {
  model_ir = 1,
  model_producer = 2,
  model_producer_version = 3,
  model_graph = 7,
  model_opset = 8,
  model_words = 14
};
enum Graph : pbf_tag_type { graph_node = 1, graph_name = 2, graph_tensor = 5, graph_input = 11, graph_output = 12 };
enum Node : pbf_tag_type { node_input = 1, node_output = 2, node_name = 3, node_op = 4, node_attribute = 5 };
enum Attribute : pbf_tag_type { attribute_name = 1, attribute_f = 2, attribute_i = 3, attribute_type = 20 };
enum Tensor : pbf_tag_type { tensor_sides = 1, tensor_type = 2, tensor_name = 8, tensor_bytes = 9 };
constexpr int type_float = 1, type_int64 = 7, type_double = 11;
constexpr int attribute_is_real = 1, attribute_is_whole = 2;

std::string pair_of(const std::string& key, const std::string& value) {
  std::string bytes;
  pbf_writer pair(bytes);
  pair.add_string(1, key);
  pair.add_string(2, value);
  return bytes;
}

template <class T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

std::string OnnxGraph::value_info(const std::string& name, int columns) {
  std::string shape, tensor, type, info;
  std::string rows, wide;
  pbf_writer(rows).add_string(2, "rows");
  pbf_writer(shape).add_message(1, rows);
  if (columns >= 0) {
    pbf_writer(wide).add_int64(1, columns);
    pbf_writer(shape).add_message(1, wide);
  }
  pbf_writer(tensor).add_int32(1, columns >= 0 ? type_float : type_int64);
  pbf_writer(tensor).add_message(2, shape);
  pbf_writer(type).add_message(1, tensor);
  pbf_writer(info).add_string(1, name);
  pbf_writer(info).add_message(2, type);
  return info;
}

void OnnxGraph::input(const std::string& name, int columns) {
  pbf_writer(inputs_).add_message(graph_input, value_info(name, columns));
}

void OnnxGraph::output(const std::string& name, int columns) {
  pbf_writer(outputs_).add_message(graph_output, value_info(name, columns));
}

void OnnxGraph::tensor(const std::string& name, int type, const std::vector<std::int64_t>& sides,
                       std::string_view bytes) {
  std::string message;
  pbf_writer writer(message);
  writer.add_packed_int64(tensor_sides, sides.begin(), sides.end());
  writer.add_int32(tensor_type, type);
  writer.add_string(tensor_name, name);
  writer.add_bytes(tensor_bytes, bytes.data(), bytes.size());
  pbf_writer(tensors_).add_message(graph_tensor, message);
}

void OnnxGraph::floats(const std::string& name, const std::vector<std::int64_t>& sides,
                       const std::vector<double>& values) {
  tensor(name, type_float, sides, bytes_of(std::vector<float>(values.begin(), values.end())));
}

void OnnxGraph::doubles(const std::string& name, const std::vector<std::int64_t>& sides,
                        const std::vector<double>& values) {
  tensor(name, type_double, sides, bytes_of(values));
}

void OnnxGraph::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  tensor(name, type_int64, {static_cast<std::int64_t>(values.size())}, bytes_of(values));
}

void OnnxGraph::node(const char* op, const std::vector<std::string>& from, const std::vector<std::string>& to,
                     const std::vector<OnnxAttribute>& attributes) {
  std::string message;
  pbf_writer writer(message);
  for (const std::string& name : from) writer.add_string(node_input, name);
  for (const std::string& name : to) writer.add_string(node_output, name);
  writer.add_string(node_name, to.front());
  writer.add_string(node_op, op);
  for (const OnnxAttribute& a : attributes) {
    std::string attribute;
    pbf_writer of(attribute);
    of.add_string(attribute_name, a.name);
    if (a.whole)
      of.add_int64(attribute_i, a.integer);
    else
      of.add_float(attribute_f, a.real);
    of.add_int32(attribute_type, a.whole ? attribute_is_whole : attribute_is_real);
    writer.add_message(node_attribute, attribute);
  }
  pbf_writer(nodes_).add_message(graph_node, message);
}

std::string OnnxGraph::model(const std::string& name, const std::string& version,
                             const std::vector<std::pair<std::string, std::string>>& words) const {
  std::string graph = nodes_, operators, bytes;
  pbf_writer(graph).add_string(graph_name, name);
  graph += tensors_ + inputs_ + outputs_;
  pbf_writer(operators).add_string(1, "");
  pbf_writer(operators).add_int64(2, opset);
  pbf_writer writer(bytes);
  writer.add_int64(model_ir, ir_version);
  writer.add_string(model_producer, "pigrad");
  writer.add_string(model_producer_version, version);
  writer.add_message(model_graph, graph);
  writer.add_message(model_opset, operators);
  for (const auto& [key, value] : words) writer.add_message(model_words, pair_of(key, value));
  return bytes;
}

}  // namespace pigrad::app
