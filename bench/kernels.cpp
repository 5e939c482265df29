#include <array>
#include <pigrad/core/aligned.hpp>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>
#include <vector>

#include "measure.hpp"
#include "peak.hpp"

using namespace pigrad;

namespace {

template <class T>
struct Layer {
  int rows, k, n, ld;
  Aligned<T> x, w, b, y, y_bar, x_bar, w_bar, b_bar, inner_bar;

  Layer(int rows_, int k_, int n_) : rows(rows_), k(k_), n(n_), ld((rows_ + 15) / 16 * 16) {
    const Random random(3, Purpose::test);
    std::uint32_t stream = 0;
    const auto fill = [&](Aligned<T>& v, int size) {
      ++stream;
      v.reserve(static_cast<std::size_t>(size));
      for (int i = 0; i < size; ++i)
        v.data()[i] = static_cast<T>(random.uniform<double>(stream, static_cast<std::uint64_t>(i)) - 0.5);
    };
    fill(x, k * ld), fill(w, n * k), fill(b, n), fill(y, n * ld), fill(y_bar, n * ld), fill(x_bar, k * ld);
    fill(w_bar, n * k), fill(b_bar, n), fill(inner_bar, n * ld);
  }
  Call<T> call(const Backend<T>& backend) {
    Call<T> c;
    c.rows = rows, c.columns = n, c.matrix = &backend.matrix;
    c.shapes[0] = Shape::batch(k), c.shapes[1] = {n, k}, c.shapes[2] = {1, n};
    c.in[0] = {x.data(), nullptr, ld, 1};
    c.in[1] = {w.data(), nullptr, 1, k};
    c.in[2] = {b.data(), nullptr, 1, n};
    c.out = {y.data(), nullptr, ld, 1};
    c.out_bar = {y_bar.data(), nullptr, ld, 1};
    c.in_bar[0] = {x_bar.data(), nullptr, ld, 1};
    c.in_bar[1] = {w_bar.data(), nullptr, 1, k};
    c.in_bar[2] = {b_bar.data(), nullptr, 1, n};
    c.inner_bar = {inner_bar.data(), nullptr, ld, 1};
    c.fresh[0] = true;
    return c;
  }
};

/// A call of one column-wise op over the layer's y.
template <class T>
Call<T> over_y(Layer<T>& layer, int columns) {
  Call<T> c;
  c.rows = layer.rows, c.columns = columns;
  c.shapes[0] = Shape::batch(columns);
  c.in[0] = {layer.y_bar.data(), nullptr, layer.ld, 1};
  c.out = {layer.y.data(), nullptr, layer.ld, 1};
  return c;
}

template <class T>
void products(const std::vector<std::string>& names) {
  for (const std::array<int, 3>& size : std::vector<std::array<int, 3>>{{48, 64, 64},
                                                                        {96, 64, 64},
                                                                        {64, 64, 64},
                                                                        {96, 4, 64},
                                                                        {96, 64, 2},
                                                                        {96, 64, 1},
                                                                        {96, 256, 256},
                                                                        {37, 17, 33}}) {
    const int rows = size[0], k = size[1], n = size[2];
    Layer<T> layer(rows, k, n);
    std::vector<bench::Contender> contenders;
    std::vector<double> operations;
    const double flops = 2.0 * rows * k * n;
    for (const std::string& name : names) {
      const Backend<T>& backend = find_backend<T>(name);
      const MatrixKernels<T> m = backend.matrix;
      const Call<T> c = layer.call(backend);
      const auto& call = c;
      if (name != "reference") {
        contenders.push_back({name + " peak", [name] { bench::fma_groups<T>(name, 2000); }});
        operations.push_back(bench::fma_groups<T>(name, 2000));
      }
      contenders.push_back({name + " forward", [=] {
                              m.affine(rows, k, n, readable(call.in[0].values()), readable(call.in[1].values()),
                                       readable(call.in[2].values()), call.out.values(), false);
                            }});
      contenders.push_back({name + " input_vjp", [=] {
                              m.input_vjp(rows, k, n, readable(call.out_bar.values()), readable(call.in[1].values()),
                                          call.in_bar[0].values(), false);
                            }});
      contenders.push_back({name + " weight_vjp", [=] {
                              m.weight_vjp(rows, k, n, readable(call.out_bar.values()), readable(call.in[0].values()),
                                           call.in_bar[1].values(), call.in_bar[2].values());
                            }});
      operations.insert(operations.end(), 3, flops);
      if (const auto* fused = backend.fusion(op_of<Affine>(), op_of<Tanh>())) {
        contenders.push_back({name + " forward+tanh", [=] { fused->kernels.forward(c); }});
        contenders.push_back({name + " vjp+tanh", [=] { fused->kernels.vjp(c); }});
        operations.push_back(flops);
        operations.push_back(2 * flops);
      }
    }
    const auto timings = bench::interleaved(contenders, 9, 0.002);
    std::printf("%s rows %d, %d to %d\n", sizeof(T) == 4 ? "float" : "double", rows, k, n);
    const auto rate = [&](std::size_t i) { return operations[i] / timings[i].median * 1e-9; };
    const auto peak_of = [&](const std::string& name) {
      double peak = 0;
      for (std::size_t i = 0; i < contenders.size(); ++i)
        if (contenders[i].name.find("peak") != std::string::npos && (peak == 0 || contenders[i].name.find(name) == 0))
          peak = rate(i);
      return peak;
    };
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const std::string& name = contenders[i].name;
      std::printf("  %-22s %8.1f GFLOP/s  %5.1f %%   %9.3f us (%.3f to %.3f)\n", name.c_str(), rate(i),
                  100 * rate(i) / peak_of(name.substr(0, name.find(' '))), timings[i].median * 1e6,
                  timings[i].low * 1e6, timings[i].high * 1e6);
    }
  }
}

template <class T>
void functions(const std::vector<std::string>& names) {
  Layer<T> layer(96, 64, 64);
  std::vector<bench::Contender> contenders;
  std::vector<int> elements;
  for (const Op* op :
       {&op_of<Tanh>(), &op_of<Exp>(), &op_of<Log>(), &op_of<Sigmoid>(), &op_of<Softplus>(), &op_of<LogSoftmax>()})
    for (const std::string& name : names) {
      const int columns = op == &op_of<LogSoftmax>() ? 2 : 64;
      const auto kernel = find_backend<T>(name).kernels(*op).forward;
      const Call<T> call = over_y(layer, columns);
      contenders.push_back({name + " " + op->name, [=] { kernel(call); }});
      elements.push_back(96 * columns);
    }
  const auto timings = bench::interleaved(contenders, 9, 0.002);
  std::printf("%s functions, 96 rows\n", sizeof(T) == 4 ? "float" : "double");
  for (std::size_t i = 0; i < contenders.size(); ++i)
    std::printf("  %-22s %8.3f ns an element (%.3f to %.3f)\n", contenders[i].name.c_str(),
                timings[i].median * 1e9 / elements[i], timings[i].low * 1e9 / elements[i],
                timings[i].high * 1e9 / elements[i]);
}

}  // namespace

/// kernels [BACKEND...]: GFLOP/s of the products against the peak of fused multiply-adds of that instruction set on
/// this core (the plain kernels: against the first set's), and nanoseconds of the functions. Thread time.
int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names.empty()) names = backend_names();
  bench::print_head(argc, argv);
  products<float>(names);
  products<double>(names);
  functions<float>(names);
  functions<double>(names);
}
