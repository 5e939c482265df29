#pragma once
#include <pigrad/rl/agent.hpp>
#include <string>

namespace pigrad::bench {

/// The agent's tanh policy as an ONNX model (opset 13): input "obs" [1 × features], output "logits" [1 × actions].
inline std::string onnx_policy(const Agent<float>& agent) {
  // Protocol buffers: a field is its number and kind, then a number, or a length and bytes.
  const auto number = [](std::uint64_t value) {
    std::string bytes;
    for (; value >= 128; value >>= 7) bytes += static_cast<char>(value | 128);
    return bytes + static_cast<char>(value);
  };
  const auto whole = [&](int field, std::uint64_t value) {
    return number(static_cast<std::uint64_t>(field) << 3) + number(value);
  };
  const auto bytes = [&](int field, const std::string& value) {
    return number(static_cast<std::uint64_t>(field) << 3 | 2) + number(value.size()) + value;
  };
  constexpr int of_float = 1, of_integer = 2;
  const auto value = [&](int field, const std::string& name, int width) {
    const std::string shape = bytes(1, whole(1, 1)) + bytes(1, whole(1, static_cast<std::uint64_t>(width)));
    return bytes(field, bytes(1, name) + bytes(2, bytes(1, whole(1, of_float) + bytes(2, shape))));
  };
  const auto node = [&](const std::string& op, const std::vector<std::string>& in, const std::string& out,
                        const std::string& attributes) {
    std::string text;
    for (const std::string& one : in) text += bytes(1, one);
    return bytes(1, text + bytes(2, out) + bytes(4, op) + attributes);
  };

  std::string graph = bytes(2, "policy"), last = "obs";
  const std::string transposed = bytes(5, bytes(1, "transB") + whole(3, 1) + whole(20, of_integer));
  std::vector<Segment> mine;
  for (const Segment& s : agent.layout().segments())
    if (s.name.rfind("policy", 0) == 0) mine.push_back(s);
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const Segment& s = mine[i];
    const bool bias = i % 2 == 1;
    const auto rows = static_cast<std::uint64_t>(s.rows), columns = static_cast<std::uint64_t>(s.columns);
    const std::string dims = bias ? whole(1, rows * columns) : whole(1, rows) + whole(1, columns);
    const std::string raw(reinterpret_cast<const char*>(agent.parameters().data() + s.offset),
                          sizeof(float) * static_cast<std::size_t>(s.size()));
    graph += bytes(5, dims + whole(2, of_float) + bytes(8, s.name) + bytes(9, raw));
    if (!bias) continue;
    const bool output = i + 1 == mine.size();
    const std::string sum = output ? "logits" : "sum" + std::to_string(i);
    graph += node("Gemm", {last, mine[i - 1].name, s.name}, sum, transposed);
    last = "tanh" + std::to_string(i);
    if (!output) graph += node("Tanh", {sum}, last, "");
  }
  graph += value(11, "obs", agent.observation_size()) + value(12, "logits", agent.distribution().actions());
  return whole(1, 7) + bytes(8, bytes(1, "") + whole(2, 13)) + bytes(7, graph);
}

}  // namespace pigrad::bench
