#include "eigen_update.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace pigrad::bench {
namespace {

constexpr int chunk = 128, features = UpdateShape::features, hidden = UpdateShape::hidden;

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using Panel = Eigen::Map<const Matrix<T>, 0, Eigen::OuterStride<>>;
template <class T>
using Column = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

/// tanh in place. Eigen 3.4 has vectors for it in float; in double it calls libm, so 1 − 2/(e^2x + 1) stands in.
template <class M>
void tanh_in_place(M&& x) {
  using T = typename std::decay_t<M>::Scalar;
  if constexpr (sizeof(T) == sizeof(float))
    x.array() = x.array().tanh();
  else
    x.array() = T(1) - T(2) / ((T(2) * x.array()).exp() + T(1));
}

/// One network's weights and biases in a parameter or gradient vector, by layer.
template <class T, class M, class V>
struct Layers {
  Layers(T* at, int outputs)
      : w1(at, hidden, features),
        b1(w1.data() + w1.size(), hidden),
        w2(b1.data() + hidden, hidden, hidden),
        b2(w2.data() + w2.size(), hidden),
        w3(b2.data() + hidden, outputs, hidden),
        b3(w3.data() + w3.size(), outputs) {}
  T* end() { return const_cast<T*>(b3.data()) + b3.size(); }
  M w1;
  V b1;
  M w2;
  V b2;
  M w3;
  V b3;
};
template <class T>
using Weights = Layers<T, Eigen::Map<RowMajor<T>>, Eigen::Map<Eigen::Matrix<T, 1, Eigen::Dynamic>>>;

/// A chunk's activations and adjoints of one network.
template <class T>
struct Network {
  explicit Network(int outputs)
      : h1(chunk, hidden),
        h2(chunk, hidden),
        y(chunk, outputs),
        y_bar(chunk, outputs),
        bar(chunk, hidden),
        below(bar) {}

  void forward(const Panel<T>& x, const Weights<T>& p, int rows) {
    auto a1 = h1.topRows(rows), a2 = h2.topRows(rows);
    auto out = y.topRows(rows);
    a1.noalias() = x * p.w1.transpose();
    a1.rowwise() += p.b1;
    tanh_in_place(a1);
    a2.noalias() = a1 * p.w2.transpose();
    a2.rowwise() += p.b2;
    tanh_in_place(a2);
    out.noalias() = a2 * p.w3.transpose();
    out.rowwise() += p.b3;
  }

  void backward(const Panel<T>& x, const Weights<T>& p, Weights<T>& g, int rows) {
    const auto a1 = h1.topRows(rows), a2 = h2.topRows(rows), out_bar = y_bar.topRows(rows);
    auto bar2 = bar.topRows(rows), bar1 = below.topRows(rows);
    g.w3.noalias() += out_bar.transpose() * a2;
    g.b3 += out_bar.colwise().sum();
    bar2.noalias() = out_bar * p.w3;
    bar2.array() *= T(1) - a2.array().square();
    g.w2.noalias() += bar2.transpose() * a1;
    g.b2 += bar2.colwise().sum();
    bar1.noalias() = bar2 * p.w2;
    bar1.array() *= T(1) - a1.array().square();
    g.w1.noalias() += bar1.transpose() * x;
    g.b1 += bar1.colwise().sum();
  }

  Matrix<T> h1, h2, y, y_bar, bar, below;
};

}  // namespace

template <class T>
T actor_head(int rows, int total, const T* logits, T* logits_bar, int ld, const std::int32_t* action,
             const T* advantage) {
  using Values = Eigen::Array<T, Eigen::Dynamic, 1, 0, chunk, 1>;
  constexpr T bonus = static_cast<T>(UpdateShape::entropy_bonus);
  const Column<T> z0(logits, rows), z1(logits + ld, rows), advantages(advantage, rows);
  Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> bar0(logits_bar, rows), bar1(logits_bar + ld, rows);
  const Values chosen =
      Eigen::Map<const Eigen::Array<std::int32_t, Eigen::Dynamic, 1>>(action, rows).template cast<T>();
  const Values top = z0.max(z1), log_sum = top + ((z0 - top).exp() + (z1 - top).exp()).log();
  const Values l0 = z0 - log_sum, l1 = z1 - log_sum, p0 = l0.exp(), p1 = l1.exp();
  const Values entropy = -(p0 * l0 + p1 * l1);
  const T mean = T(1) / static_cast<T>(total);
  bar0 = mean * (advantages * (p0 - (T(1) - chosen)) + bonus * p0 * (l0 + entropy));
  bar1 = mean * (advantages * (p1 - chosen) + bonus * p1 * (l1 + entropy));
  return -mean * (advantages * (l0 + chosen * (l1 - l0)) + bonus * entropy).sum();
}

template <class T>
T critic_head(int rows, int total, const T* value, T* value_bar, const T* target) {
  constexpr T weight = static_cast<T>(UpdateShape::value_weight);
  const auto error = Column<T>(value, rows) - Column<T>(target, rows);
  Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(value_bar, rows) = T(2) * weight / static_cast<T>(total) * error;
  return weight / static_cast<T>(total) * error.square().sum();
}

template <class T>
struct EigenUpdateByHand<T>::Impl {
  static constexpr int outputs = UpdateShape::actions;
  static constexpr int one_network = hidden * (features + 1) + hidden * (hidden + 1),
                       size = 2 * one_network + (outputs + 1) * (hidden + 1);
  using Vector = Eigen::Array<T, Eigen::Dynamic, 1>;

  Network<T> actor{outputs}, critic{1};
  Vector theta = Vector::Zero(size), gradient = theta, mean = theta, square = theta;
  int steps = 0;
};

template <class T>
EigenUpdateByHand<T>::EigenUpdateByHand() : impl_(std::make_unique<Impl>()) {}
template <class T>
EigenUpdateByHand<T>::~EigenUpdateByHand() = default;

template <class T>
void EigenUpdateByHand<T>::reset(const T* parameters) {
  std::copy_n(parameters, Impl::size, impl_->theta.data());
  impl_->mean.setZero();
  impl_->square.setZero();
  impl_->steps = 0;
}

template <class T>
const T* EigenUpdateByHand<T>::parameters() const {
  return impl_->theta.data();
}

template <class T>
const T* EigenUpdateByHand<T>::gradient(const UpdateView<T>& data) {
  Impl& m = *impl_;
  m.gradient.setZero();
  Weights<T> actor(m.theta.data(), Impl::outputs), critic(actor.end(), 1);
  Weights<T> actor_bar(m.gradient.data(), Impl::outputs), critic_bar(actor_bar.end(), 1);
  for (int begin = 0; begin < data.rows; begin += chunk) {
    const int rows = std::min(chunk, data.rows - begin);
    const Panel<T> x(data.obs + begin, rows, features, Eigen::OuterStride<>(data.rows));
    m.actor.forward(x, actor, rows);
    actor_head(rows, data.rows, m.actor.y.data(), m.actor.y_bar.data(), chunk, data.action + begin,
               data.advantage + begin);
    m.actor.backward(x, actor, actor_bar, rows);
    m.critic.forward(x, critic, rows);
    critic_head(rows, data.rows, m.critic.y.data(), m.critic.y_bar.data(), data.target + begin);
    m.critic.backward(x, critic, critic_bar, rows);
  }
  return m.gradient.data();
}

template <class T>
void EigenUpdateByHand<T>::step(const UpdateView<T>& data) {
  gradient(data);
  Impl& m = *impl_;
  ++m.steps;
  constexpr double beta1 = 0.9, beta2 = 0.999;
  const double bias1 = 1 - std::pow(beta1, m.steps), bias2 = 1 - std::pow(beta2, m.steps);
  const T rate = static_cast<T>(UpdateShape::learning_rate / bias1), root = static_cast<T>(1 / std::sqrt(bias2));
  m.mean += static_cast<T>(1 - beta1) * (m.gradient - m.mean);
  m.square = static_cast<T>(beta2) * m.square + static_cast<T>(1 - beta2) * m.gradient.square();
  m.theta -= rate * m.mean / (m.square.sqrt() * root + static_cast<T>(1e-8));
}

#define PIGRAD_INSTANTIATE(T)                                                        \
  template T actor_head(int, int, const T*, T*, int, const std::int32_t*, const T*); \
  template T critic_head(int, int, const T*, T*, const T*);                          \
  template class EigenUpdateByHand<T>
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad::bench
