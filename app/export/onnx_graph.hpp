#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pigrad::app {

/// An attribute of a node: a whole number or a real.
struct OnnxAttribute {
  const char* name;
  bool whole = true;
  std::int64_t integer = 0;
  float real = 0;
};

/// Writes a model of ONNX, node by node: the protocol-buffer messages of onnx.proto, IR version 8.
class OnnxGraph {
 public:
  static constexpr int ir_version = 8;
  static constexpr int opset = 13;

  /// A panel [rows × columns] of floats that comes in or goes out; −1 columns: [rows] of whole numbers.
  void input(const std::string& name, int columns);
  void output(const std::string& name, int columns);

  /// Constants, shaped `sides`.
  void floats(const std::string& name, const std::vector<std::int64_t>& sides, const std::vector<double>& values);
  void doubles(const std::string& name, const std::vector<std::int64_t>& sides, const std::vector<double>& values);
  void integers(const std::string& name, const std::vector<std::int64_t>& values);

  void node(const char* op, const std::vector<std::string>& from, const std::vector<std::string>& to,
            const std::vector<OnnxAttribute>& attributes = {});

  /// The whole file.
  /// @param words about the model, by name
  std::string model(const std::string& name, const std::string& version,
                    const std::vector<std::pair<std::string, std::string>>& words) const;

 private:
  void tensor(const std::string& name, int type, const std::vector<std::int64_t>& sides, std::string_view bytes);
  static std::string value_info(const std::string& name, int columns);

  std::string nodes_, tensors_, inputs_, outputs_;  ///< parts of a GraphProto
};

}  // namespace pigrad::app
