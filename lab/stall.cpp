#include "stall.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "../core/ops.hpp"
#include "curvature.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

constexpr double gone = 1e-6;

/// How a unit's output on one sample leaves no derivative; null for ops that are no activation.
using Lost = bool (*)(double y);
Lost lost_by(const Op* op) {
  if (op == &op_of<Relu>()) return [](double y) { return y == 0; };
  if (op == &op_of<Tanh>()) return [](double y) { return std::abs(y) > 1 - 1e-3; };
  if (op == &op_of<Sigmoid>()) return [](double y) { return y < 1e-3 || y > 1 - 1e-3; };
  return nullptr;
}

template <class T>
Bindings<T> bound(const Program& program, const OnPolicy<T>& algorithm, const std::vector<T>& weight) {
  const Rollout<T>& r = algorithm.rollout();
  Bindings<T> b(program);
  b.parameters(algorithm.agent().parameters().data());
  b.rows(r.rows());
  b.input("obs", r.obs.data(), r.rows());
  b.input("weight", weight.data(), r.rows());
  if (r.action_size == 0)
    b.index("action", r.index.data());
  else
    b.input("action", r.action.data(), r.rows());
  return b;
}

/// The first hidden layer most of whose units are lost on every sample.
template <class T>
std::string lost_layer(const Program& program, Workspace<T>& workspace, int rows) {
  std::string layer;
  for (int id = 0; id < static_cast<int>(program.nodes().size()); ++id) {
    const Node& n = program.node(id);
    if (n.kind != NodeKind::op || !n.used) continue;
    if (n.op == &op_of<Affine>()) layer = n.label;
    const Lost lost = lost_by(n.op);
    if (!lost || !n.shape.is_batch()) continue;
    const View<const T> y = workspace.value(id);
    int units = 0;
    for (int c = 0; c < n.shape.columns; ++c) {
      bool always = true;
      for (int r = 0; r < rows && always; ++r)
        always = lost(static_cast<double>(y.data[r * y.row_stride + c * y.column_stride]));
      units += always;
    }
    if (2 * units <= n.shape.columns) continue;
    std::ostringstream words;
    words << units << " of the " << n.shape.columns << " " << n.op->name << " units of layer " << layer
          << (n.op == &op_of<Relu>() ? " are 0" : " are saturated") << " on every one of " << rows
          << " samples: no gradient passes them; at sample 0 the first is " << static_cast<double>(y.data[0]);
    return words.str();
  }
  return "";
}

}  // namespace

void StallWatch::epoch(int number, const Metrics& metrics) {
  for (const auto& [name, value] : metrics) {
    if (name != "train/policy_grad_norm" && name != "train/grad_norm") continue;
    largest_ = std::max(largest_, value);
    if (!(value <= gone * largest_))
      since_ = 0;
    else if (since_ == 0)
      since_ = number;
  }
}

template <class T>
std::string why_no_gradient(OnPolicy<T>& algorithm) {
  const Rollout<T>& r = algorithm.rollout();
  if (r.rows() == 0) return "";
  const std::vector<T>& psi = algorithm.advantages();
  std::ostringstream words;
  if (!psi.empty() && std::all_of(psi.begin(), psi.end(), [&](T x) { return x == psi.front(); })) {
    words << "every advantage of the last rollout is " << static_cast<double>(psi.front())
          << ": rewards and critic leave nothing to tell actions apart";
    return words.str();
  }
  const Program program = score_program(algorithm.agent());
  Workspace<T> workspace(program);
  const std::vector<T> ones(at(r.rows()), T(1));
  std::vector<T> gradient(at(algorithm.layout().size())), norms(at(r.rows()));
  const Bindings<T> b = bound(program, algorithm, ones);
  workspace.run(b, Sink<T>::sum(gradient.data()), {.keep = true});
  if (const std::string layer = lost_layer(program, workspace, r.rows()); !layer.empty()) return layer;
  workspace.run(b, Sink<T>::norm(norms.data()));
  const auto most = std::max_element(norms.begin(), norms.end());
  const int row = static_cast<int>(most - norms.begin());
  const double norm = static_cast<double>(*most) * r.rows();
  if (norm > std::sqrt(gone)) return "";
  words << "the policy is sure of its actions: the largest score ∇ln π of " << r.rows() << " samples has norm " << norm
        << ", at step " << row / r.copies << " of copy " << row % r.copies
        << ", where ln π(a|s) = " << static_cast<double>(r.log_prob[at(row)]);
  return words.str();
}
template std::string why_no_gradient(OnPolicy<float>&);
template std::string why_no_gradient(OnPolicy<double>&);

std::string why_no_gradient(Algorithm& algorithm) {
  if (auto* of = dynamic_cast<OnPolicy<float>*>(&algorithm)) return why_no_gradient(*of);
  if (auto* of = dynamic_cast<OnPolicy<double>*>(&algorithm)) return why_no_gradient(*of);
  return "";
}

}  // namespace pigrad
