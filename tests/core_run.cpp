#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <pigrad/core/backend.hpp>

#include "bound.hpp"
#include "programs.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

std::vector<std::int32_t> shuffled(int count) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  const Random random(9, Purpose::test);
  for (std::size_t i = order.size() - 1; i > 0; --i)
    std::swap(order[i], order[static_cast<std::size_t>(random.uniform<double>(1, i) * static_cast<double>(i + 1))]);
  return order;
}

template <class T>
bool near(T a, T b, T scale, T tolerance) {
  return std::abs(a - b) <= tolerance * (std::abs(scale) + std::abs(b));
}

}  // namespace

TEST_CASE_TEMPLATE("a sample's forward bits do not depend on its place, block, tile or thread", T, float, double) {
  constexpr int rows = 1000;
  for (const std::string& backend : backend_names())
    for (const NamedProgram& it : row_local_programs()) {
      CAPTURE(it.name);
      CAPTURE(backend);
      Bound<T> bound(it.program, rows);
      Workspace<T> workspace(it.program, backend);
      workspace.run(bound.bindings, Sink<T>::none());
      const auto expected = bound.outputs;
      const auto order = shuffled(rows);
      const auto agrees = [&](int count, int begin) {
        bool all = true;
        for (std::size_t o = 0; o < expected.size(); ++o)
          for (std::size_t c = 0; c < expected[o].size() / rows; ++c)
            for (int r = 0; r < count; ++r) {
              const T a = bound.outputs[o][c * rows + static_cast<std::size_t>(r)];
              const T b = expected[o][c * rows + static_cast<std::size_t>(order[static_cast<std::size_t>(begin + r)])];
              all = all && std::memcmp(&a, &b, sizeof(T)) == 0;
            }
        return all;
      };
      for (const int threads : {1, 3}) {
        bound.bindings.order(order.data());
        bound.bindings.rows(rows);
        workspace.run(bound.bindings, Sink<T>::none(), {.threads = threads});
        CHECK(agrees(rows, 0));
        workspace.run(bound.bindings, Sink<T>::none(), {.threads = threads, .keep = true});
        CHECK(agrees(rows, 0));
      }
      for (const int count : {1, 2, 3, 7, 15, 16, 17, 95, 97, 193})
        for (const int begin : {0, 1, 101, 807}) {
          bound.bindings.order(order.data() + begin);
          bound.bindings.rows(count);
          workspace.run(bound.bindings, Sink<T>::none());
          CHECK(agrees(count, begin));
        }
    }
}

TEST_CASE_TEMPLATE("every result has the same bits for any number of threads", T, float, double) {
  for (const NamedProgram& it : row_local_programs())
    for (const int rows : {1, 96, 97, 500, 1536, 1700, 3100}) {
      CAPTURE(it.name);
      CAPTURE(rows);
      Bound<T> bound(it.program, rows);
      Workspace<T> workspace(it.program);
      struct Results {
        std::vector<T> gradient, norms, dots, rows;
        std::vector<std::vector<T>> outputs;
        T loss;
      };
      const auto run_with = [&](int threads) {
        const auto count = static_cast<std::size_t>(rows);
        Results all{std::vector<T>(bound.size),
                    std::vector<T>(count),
                    std::vector<T>(count),
                    std::vector<T>(count * bound.size),
                    {},
                    0};
        const RunOptions options{.threads = threads};
        all.loss = workspace.run(bound.bindings, Sink<T>::sum(all.gradient.data()), options).loss;
        all.outputs = bound.outputs;
        workspace.run(bound.bindings, Sink<T>::norm(all.norms.data()), options);
        workspace.run(bound.bindings, Sink<T>::dot(bound.parameters.data(), all.dots.data()), options);
        workspace.run(bound.bindings, Sink<T>::rows(all.rows.data()), options);
        return all;
      };
      const Results one = run_with(1);
      for (const int threads : {2, 3, 16, 40}) {
        const Results other = run_with(threads);
        CHECK(std::memcmp(&one.loss, &other.loss, sizeof(T)) == 0);
        CHECK(same_bits(one.gradient, other.gradient));
        CHECK(same_bits(one.norms, other.norms));
        CHECK(same_bits(one.dots, other.dots));
        CHECK(same_bits(one.rows, other.rows));
        CHECK(one.outputs == other.outputs);
      }
    }
}

TEST_CASE("per-sample gradients are those of one-at-a-time backward, and add up to the whole") {
  constexpr int rows = 201;
  for (const std::string& backend : backend_names())
    for (const NamedProgram& it : row_local_programs()) {
      CAPTURE(it.name);
      CAPTURE(backend);
      Bound<double> bound(it.program, rows);
      Workspace<double> workspace(it.program, backend);
      const std::size_t size = bound.size;
      const double nan = std::numeric_limits<double>::quiet_NaN();
      std::vector<double> whole(size, nan), all(rows * size, nan), norms(rows, nan), dots(rows, nan), own(size),
          v(size);
      for (std::size_t i = 0; i < size; ++i) v[i] = std::sin(static_cast<double>(i));
      const double loss = workspace.run(bound.bindings, Sink<double>::sum(whole.data())).loss;
      for (const auto& sink :
           {Sink<double>::rows(all.data()), Sink<double>::norm(norms.data()), Sink<double>::dot(v.data(), dots.data())})
        CHECK(workspace.run(bound.bindings, sink).loss == loss);
      std::vector<double> total(size);
      double losses = 0;
      Bound<double> single(it.program, rows);
      for (std::int32_t r = 0; r < rows; ++r) {
        single.bindings.order(&r);
        single.bindings.rows(1);
        losses += workspace.run(single.bindings, Sink<double>::sum(own.data())).loss;
        double norm2 = 0, dot = 0;
        bool equal = true;
        for (std::size_t i = 0; i < size; ++i) {
          const double g = all[static_cast<std::size_t>(r) * size + i];
          equal = equal && near(g, own[i], 1e-3, 1e-12);
          total[i] += g;
          norm2 += own[i] * own[i];
          dot += own[i] * v[i];
        }
        CHECK(equal);
        CHECK(near(norms[static_cast<std::size_t>(r)], std::sqrt(norm2), 1e-9, 1e-12));
        CHECK(near(dots[static_cast<std::size_t>(r)], dot, std::sqrt(norm2), 1e-12));
      }
      CHECK(near(losses, loss, 1.0, 1e-12));
      for (std::size_t i = 0; i < size; ++i) CHECK(near(total[i], whole[i], 1.0, 1e-12));
    }
}

TEST_CASE("a run that keeps opens every value and adjoint, as one block or row by row") {
  for (const NamedProgram& it : row_local_programs()) {
    CAPTURE(it.name);
    constexpr int rows = 130;
    Bound<double> bound(it.program, rows);
    Workspace<double> kept(it.program), plain(it.program);
    std::vector<double> gradient(bound.size), expected(bound.size), all(bound.size * rows);
    plain.run(bound.bindings, Sink<double>::sum(expected.data()));
    kept.run(bound.bindings, Sink<double>::sum(gradient.data()), {.keep = true});
    for (std::size_t i = 0; i < bound.size; ++i) CHECK(near(gradient[i], expected[i], 1.0, 1e-12));
    const auto outputs_are_kept = [&] {
      for (std::size_t o = 0; o < bound.outputs.size(); ++o) {
        const int id = it.program.outputs()[o].node;
        const auto value = kept.value(id);
        for (int c = 0; c < it.program.node(id).shape.columns; ++c)
          for (int r = 0; r < rows; ++r)
            CHECK(value.data[c * value.column_stride + r * value.row_stride] ==
                  bound.outputs[o][static_cast<std::size_t>(c * rows + r)]);
      }
    };
    outputs_are_kept();
    CHECK(kept.adjoint(it.program.loss()).data[0] == 1);
    kept.run(bound.bindings, Sink<double>::rows(all.data()), {.keep = true});
    outputs_are_kept();
    kept.run(bound.bindings, Sink<double>::none(), {.keep = true});
    CHECK_THROWS_WITH_AS(kept.adjoint(it.program.loss()),
                         "adjoint: the last run kept no adjoints; run with RunOptions::keep and a sink", Error);
  }
}

TEST_CASE_TEMPLATE("a run without outputs has the same loss and gradient, and leaves outputs as they were", T, float,
                   double) {
  for (const std::string& backend : backend_names())
    for (const NamedProgram& it : row_local_programs())
      for (const int rows : {1, 17, 400}) {
        CAPTURE(it.name);
        CAPTURE(backend);
        Bound<T> bound(it.program, rows), silent(it.program, rows);
        Workspace<T> workspace(it.program, backend);
        std::vector<T> expected(bound.size), gradient(bound.size);
        const T loss = workspace.run(bound.bindings, Sink<T>::sum(expected.data())).loss;
        CHECK(workspace.run(silent.bindings, Sink<T>::sum(gradient.data()), {.outputs = false}).loss == loss);
        CHECK(same_bits(gradient, expected));
        for (const auto& output : silent.outputs) CHECK(output == std::vector<T>(output.size(), T(-77)));
      }
}

TEST_CASE("fixed inputs, order and strides reach the program") {
  Tape t;
  const Tensor x = t.input("x", 2), shift = t.fixed_input("shift", 1, 2);
  const Tensor y = x + shift;
  const Program program = t.program({{"y", y}, {"largest", max(sum(shift), t.constant(0.0))}});
  Workspace<double> workspace(program);
  Bindings<double> b(program);
  const std::vector<double> rows{1, 2, 3, 4, 5, 6}, by{10, 20};
  std::vector<double> out(4);
  const std::vector<std::int32_t> order{2, 0};
  b.input("x", rows.data(), 1, 2);
  b.input("shift", by.data(), 1);
  b.output("y", out.data(), 1, 2);
  b.order(order.data());
  b.rows(2);
  workspace.run(b, {});
  CHECK(out == std::vector<double>{15, 26, 11, 22});
  CHECK(workspace.fixed_output("largest") == 30);
  CHECK(workspace.fixed(shift.id(), 0, 1) == 20);
}
