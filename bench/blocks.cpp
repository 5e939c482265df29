#include <cmath>
#include <cstring>
#include <memory>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/core/workspace.hpp>
#include <vector>

#include "measure.hpp"

using namespace pigrad;

namespace {

constexpr int hidden = 64, observations = 4, actions = 2;
constexpr double entropy_weight = 0.01;

template <class T>
struct Data {
  std::vector<T> x, advantage, target, theta;
  std::vector<std::int32_t> action;

  Data(int rows, int parameters) {
    const Random random(1, Purpose::test);
    const auto fill = [&](std::vector<T>& v, int size, double scale, std::uint32_t stream) {
      for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(size); ++i)
        v.push_back(static_cast<T>(scale * (2 * random.uniform<double>(stream, i) - 1)));
    };
    fill(x, observations * rows, 1, 0), fill(advantage, rows, 0.2, 1), fill(target, rows, 0.2, 2);
    fill(theta, parameters, 0.2, 3);
    for (int i = 0; i < rows; ++i) action.push_back(i % actions);
  }
};

ParameterLayout parameters() {
  ParameterLayout layout;
  for (const char* net : {"pi", "v"}) {
    const int sizes[] = {observations, hidden, hidden, net[0] == 'p' ? actions : 1};
    for (int l = 0; l < 3; ++l) {
      layout.add(std::string(net) + ".w" + std::to_string(l), sizes[l + 1], sizes[l]);
      layout.add(std::string(net) + ".b" + std::to_string(l), 1, sizes[l + 1]);
    }
  }
  return layout;
}

/// The A2C loss recorded on a tape: what a learner writes.
Program recorded(const ParameterLayout& layout) {
  Tape t(layout);
  const Tensor x = t.input("x", observations);
  const auto mlp = [&](const std::string& net) {
    Tensor y = x;
    for (int l = 0; l < 3; ++l) {
      y = affine(y, t.parameter(net + ".w" + std::to_string(l)), t.parameter(net + ".b" + std::to_string(l)));
      if (l < 2) y = tanh(y);
    }
    return y;
  };
  const Tensor log_p = log_softmax(mlp("pi"));
  const Tensor chosen = gather(log_p, t.index("action"));
  const Tensor entropy = -sum(exp(log_p) * log_p, Axis::columns);
  const Tensor error = mlp("v") - t.input("target", 1);
  return t.program(mean(0.5 * square(error) - chosen * t.input("advantage", 1) - entropy_weight * entropy));
}

/// The same loss by calling the backend's kernels one after the other: what the tape may cost is measured against it.
template <class T>
class ByHand {
  struct Layer {
    int k, n;
    std::size_t w, b;
    std::vector<T> y, y_bar, inner_bar;
    Call<T> call;
  };

 public:
  ByHand(const Backend<T>& backend, const ParameterLayout& layout, const Data<T>& data, int rows, int block)
      : data_(data),
        rows_(rows),
        block_(std::min(rows, block)),
        ld_((block_ + 15) / 16 * 16),
        gradient(data.theta.size()),
        x_(static_cast<std::size_t>(observations * ld_)) {
    fused_ = backend.fusion(op_of<Affine>(), op_of<Tanh>())->kernels;
    plain_ = backend.kernels(op_of<Affine>());
    softmax_ = backend.kernels(op_of<LogSoftmax>());
    log_p_.resize(static_cast<std::size_t>(actions * ld_)), p_ = log_p_;
    for (int net = 0; net < 2; ++net)
      for (int l = 0; l < 3; ++l) {
        Layer& layer = layers_[net][l];
        const std::string name = (net == 0 ? "pi." : "v.");
        const Segment& w = layout.find(name + "w" + std::to_string(l));
        const Segment& b = layout.find(name + "b" + std::to_string(l));
        layer.k = w.columns, layer.n = w.rows;
        layer.y.resize(static_cast<std::size_t>(layer.n * ld_)), layer.y_bar = layer.inner_bar = layer.y;
        Call<T>& c = layer.call;
        c.columns = layer.n, c.matrix = &backend.matrix;
        c.shapes[0] = Shape::batch(layer.k), c.shapes[1] = {layer.n, layer.k}, c.shapes[2] = {1, layer.n};
        Layer* below = l ? &layers_[net][l - 1] : nullptr;
        c.in[0] = {l ? below->y.data() : x_.data(), nullptr, ld_, 1};
        c.in[1] = {const_cast<T*>(data.theta.data()) + w.offset, nullptr, 1, layer.k};
        c.in[2] = {const_cast<T*>(data.theta.data()) + b.offset, nullptr, 1, layer.n};
        c.in_bar[1] = {gradient.data() + w.offset, nullptr, 1, layer.k};
        c.in_bar[2] = {gradient.data() + b.offset, nullptr, 1, layer.n};
        if (l) c.in_bar[0] = {below->y_bar.data(), nullptr, ld_, 1};
        c.out = {layer.y.data(), nullptr, ld_, 1};
        c.out_bar = {layer.y_bar.data(), nullptr, ld_, 1};
        c.inner_bar = {layer.inner_bar.data(), nullptr, ld_, 1};
        c.fresh[0] = true;
      }
  }

  void run() {
    std::fill(gradient.begin(), gradient.end(), T(0));
    for (int begin = 0; begin < rows_; begin += block_) {
      const int count = std::min(block_, rows_ - begin);
      for (int c = 0; c < observations; ++c)
        std::memcpy(x_.data() + c * ld_, data_.x.data() + c * rows_ + begin,
                    sizeof(T) * static_cast<std::size_t>(count));
      for (auto& net : layers_)
        for (int l = 0; l < 3; ++l) {
          net[l].call.rows = count;
          (l < 2 ? fused_ : plain_).forward(net[l].call);
        }
      loss(begin, count);
      for (auto& net : layers_)
        for (int l = 2; l >= 0; --l) (l < 2 ? fused_ : plain_).vjp(net[l].call);
    }
  }

 private:
  void loss(int begin, int count) {
    Call<T> c;
    c.rows = count, c.columns = actions, c.shapes[0] = Shape::batch(actions);
    c.in[0] = layers_[0][2].call.out, c.out = {log_p_.data(), nullptr, ld_, 1};
    softmax_.forward(c);
    const T share = T(1) / static_cast<T>(rows_), weight = static_cast<T>(entropy_weight);
    for (int i = 0; i < actions * ld_; ++i)
      p_[static_cast<std::size_t>(i)] = std::exp(log_p_[static_cast<std::size_t>(i)]);
    T* const bar = layers_[0][2].y_bar.data();
    const T* v = layers_[1][2].y.data();
    T* v_bar = layers_[1][2].y_bar.data();
    for (int r = 0; r < count; ++r) {
      T entropy = 0;
      for (int a = 0; a < actions; ++a) entropy -= p_at(a, r) * log_p_at(a, r);
      for (int a = 0; a < actions; ++a) {
        const T hit = data_.action[static_cast<std::size_t>(begin + r)] == a ? T(1) : T(0);
        bar[a * ld_ + r] = share * (data_.advantage[static_cast<std::size_t>(begin + r)] * (p_at(a, r) - hit) +
                                    weight * p_at(a, r) * (log_p_at(a, r) + entropy));
      }
      v_bar[r] = share * (v[r] - data_.target[static_cast<std::size_t>(begin + r)]);
    }
  }
  T p_at(int a, int r) const { return p_[static_cast<std::size_t>(a * ld_ + r)]; }
  T log_p_at(int a, int r) const { return log_p_[static_cast<std::size_t>(a * ld_ + r)]; }

  const Data<T>& data_;
  int rows_, block_, ld_;

 public:
  std::vector<T> gradient;

 private:
  std::vector<T> x_, log_p_, p_;
  Layer layers_[2][3];
  KernelPair<T> fused_, plain_, softmax_;
};

template <class T>
void compare(const std::string& name, int rows) {
  const ParameterLayout layout = parameters();
  const Program program = recorded(layout);
  const Data<T> data(rows, layout.size());
  Workspace<T> workspace(program, name);
  Bindings<T> b(program);
  std::vector<T> gradient(data.theta.size());
  b.parameters(data.theta.data());
  b.rows(rows);
  b.input("x", data.x.data(), rows);
  b.input("advantage", data.advantage.data(), rows);
  b.input("target", data.target.data(), rows);
  b.index("action", data.action.data());
  std::vector<bench::Contender> contenders{{"tape", [&] { workspace.run(b, Sink<T>::sum(gradient.data())); }},
                                           {"tape, forward only", [&] { workspace.run(b, Sink<T>::none()); }}};
  contenders[0].run();
  for (const int block : {32, 64, 96, 128, 192, 256, rows}) {
    if (block > rows || (block == rows && contenders.back().name == "by hand whole")) continue;
    auto hand = std::make_shared<ByHand<T>>(find_backend<T>(name), layout, data, rows, block);
    hand->run();
    double error = 0, size = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      error += std::pow(static_cast<double>(gradient[i] - hand->gradient[i]), 2);
      size += std::pow(static_cast<double>(gradient[i]), 2);
    }
    if (!(error <= 1e-10 * size)) std::printf("! gradients differ by %g of %g\n", std::sqrt(error), std::sqrt(size));
    contenders.push_back({"by hand " + (block == rows ? "whole" : std::to_string(block)), [hand] { hand->run(); }});
  }
  const auto timings = bench::interleaved(contenders, 9, 0.01);
  std::printf("%s %s, batch %d: us an update\n", name.c_str(), sizeof(T) == 4 ? "float" : "double", rows);
  for (std::size_t i = 0; i < contenders.size(); ++i)
    std::printf("  %-20s %9.1f (%.1f to %.1f)\n", contenders[i].name.c_str(), timings[i].median * 1e6,
                timings[i].low * 1e6, timings[i].high * 1e6);
}

}  // namespace

/// blocks [BACKEND...]: the A2C update of a 4-64-64-2 policy and a 4-64-64-1 value function, on the tape and by calling
/// kernels by hand in blocks of rows. Thread time.
int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names.empty()) names = backend_names();
  std::erase(names, "reference");
  bench::print_head(argc, argv);
  for (const std::string& name : names)
    for (const int rows : {16, 64, 400, 2048}) {
      compare<float>(name, rows);
      compare<double>(name, rows);
    }
}
