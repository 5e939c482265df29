#pragma once
#include <cstdint>
#include <pigrad/core/random.hpp>
#include <pigrad/core/workspace.hpp>
#include <vector>

namespace pigrad_test {

/// A program with random inputs, indices and parameters bound, and room for every batch output.
template <class T>
struct Bound {
  Bound(const pigrad::Program& p, int rows, int index_below = 3)
      : program(p), size(static_cast<std::size_t>(p.parameters().size())), bindings(p) {
    const pigrad::Random random(5, pigrad::Purpose::test);
    std::uint32_t stream = 0;
    const auto draws = [&](int count, double scale) {
      std::vector<T> all(static_cast<std::size_t>(count));
      for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<T>(scale * (2 * random.uniform<double>(stream, i) - 1));
      ++stream;
      return all;
    };
    parameters = draws(p.parameters().size(), 0.8);
    bindings.parameters(parameters.data());
    bindings.rows(rows);
    for (const auto& slot : p.inputs()) {
      const int height = slot.shape.is_batch() ? rows : slot.shape.rows;
      inputs.push_back(draws(height * slot.shape.columns, 1.5));
      indices.emplace_back();
      for (int r = 0; slot.index && r < rows; ++r)
        indices.back().push_back(
            static_cast<std::int32_t>(random.uniform<double>(stream, static_cast<std::uint64_t>(r)) * index_below));
      if (slot.index)
        bindings.index(slot.name, indices.back().data());
      else
        bindings.input(slot.name, inputs.back().data(), height);
    }
    for (const auto& slot : p.outputs()) {
      const int columns = p.node(slot.node).shape.is_batch() ? p.node(slot.node).shape.columns : 0;
      outputs.emplace_back(static_cast<std::size_t>(rows * columns), T(-77));
      if (columns) bindings.output(slot.name, outputs.back().data(), rows);
    }
  }
  Bound(const Bound&) = delete;

  const pigrad::Program& program;
  std::size_t size;
  pigrad::Bindings<T> bindings;
  std::vector<T> parameters;
  std::vector<std::vector<T>> inputs, outputs;
  std::vector<std::vector<std::int32_t>> indices;
};

}  // namespace pigrad_test
