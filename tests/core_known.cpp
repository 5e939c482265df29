#include <doctest/doctest.h>

#include <pigrad/core/aligned.hpp>
#include <pigrad/core/common_nodes.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/core/workspace.hpp>
#include <vector>

using namespace pigrad;

namespace {

constexpr int features = 5, width = 7, actions = 3;

struct Recorded {
  ParameterLayout layout;
  Recorded() {
    layout.add("w1", width, features), layout.add("b1", 1, width);
    layout.add("w2", width, width), layout.add("b2", 1, width);
    layout.add("w3", actions, width), layout.add("b3", 1, actions);
  }
  /// The network's logits, of an activation that a kernel fuses (tanh) or one that none does (softplus).
  Tensor logits(Tape& t, const char* input, Tensor (*activation)(const Tensor&)) const {
    const Tensor h = activation(affine(t.input(input, features), t.parameter("w1"), t.parameter("b1")));
    return affine(activation(affine(h, t.parameter("w2"), t.parameter("b2"))), t.parameter("w3"), t.parameter("b3"));
  }
  Program acting(Tensor (*activation)(const Tensor&), const char* input = "obs") const {
    Tape t(layout);
    return t.program({{"log_p", log_softmax(logits(t, input, activation))}});
  }
  Program loss(Tensor (*activation)(const Tensor&)) const {
    Tape t(layout);
    const Tensor log_p = log_softmax(logits(t, "obs", activation));
    return t.program(-mean(gather(log_p, t.index("action")) * t.input("weight", 1)));
  }
};

template <class T>
struct Batch {
  explicit Batch(const ParameterLayout& layout, int count) : rows(count), parameters(size(layout.size())) {
    const Random random(3, Purpose::test);
    std::uint64_t next = 0;
    const auto draw = [&] { return static_cast<T>(random.uniform<double>(0, next++) - 0.5); };
    for (T& x : parameters) x = draw();
    obs.resize(size(rows * features));
    weight.resize(size(rows));
    for (T& x : obs) x = 3 * draw();
    for (T& x : weight) x = draw();
    for (int r = 0; r < rows; ++r) {
      action.push_back(r % actions);
      order.push_back((r * 7) % rows);
    }
  }
  static std::size_t size(int n) { return static_cast<std::size_t>(n); }
  Bindings<T> acting(const Program& p) const {
    Bindings<T> b(p);
    b.parameters(parameters.data());
    b.input(0, obs.data(), rows);
    b.rows(rows);
    return b;
  }
  Bindings<T> learning(const Program& p) const {
    Bindings<T> b(p);
    b.parameters(parameters.data());
    b.input("obs", obs.data(), rows);
    b.input("weight", weight.data(), rows);
    b.index("action", action.data());
    b.rows(rows);
    return b;
  }

  int rows;
  std::vector<T> parameters, obs, weight;
  std::vector<std::int32_t> action, order;
};

template <class T>
struct Kept {
  int giver, taker, columns;
  AlignedVector<T> panel;
};

/// What acting leaves for the loss: columns `ld` apart, from `shift` on.
template <class T>
std::vector<Kept<T>> leave(const Program& acting, const Program& loss, const Batch<T>& batch, std::ptrdiff_t ld,
                           int shift) {
  Workspace<T> giving(acting), taking(loss);
  std::vector<Kept<T>> kept;
  for (const auto& [from, to] : common_nodes(acting, loss))
    if (giving.holds(from) && taking.holds(to))
      kept.push_back({from, to, acting.node(from).shape.columns, AlignedVector<T>(Batch<T>::size(64 * 500), T(0))});
  Bindings<T> b = batch.acting(acting);
  for (Kept<T>& k : kept) b.value_out(k.giver, k.panel.data() + shift, ld);
  giving.run(b, Sink<T>::none(), {.threads = 2});
  return kept;
}

template <class T>
std::vector<T> gradient(Workspace<T>& workspace, const Bindings<T>& b, T* loss, const RunOptions& options = {}) {
  std::vector<T> g(static_cast<std::size_t>(Recorded().layout.size()));
  *loss = workspace.run(b, Sink<T>::sum(g.data()), options).loss;
  return g;
}

}  // namespace

TEST_CASE_TEMPLATE("values that another program left give the bits of computing them, wherever they lie", T, float,
                   double) {
  const Recorded recorded;
  for (Tensor (*activation)(const Tensor&) : {&tanh, &softplus}) {
    const Program acting = recorded.acting(activation), loss = recorded.loss(activation);
    for (const int rows : {1, 15, 64, 97, 400})
      for (const std::ptrdiff_t ld : {416, 417})
        for (const int shift : {0, 3})
          for (const bool shuffled : {false, true}) {
            CAPTURE(rows);
            CAPTURE(ld);
            CAPTURE(shift);
            CAPTURE(shuffled);
            const Batch<T> batch(recorded.layout, rows);
            const auto kept = leave(acting, loss, batch, ld, shift);
            REQUIRE(kept.size() >= 3);
            Workspace<T> workspace(loss);
            Bindings<T> b = batch.learning(loss);
            if (shuffled) b.order(batch.order.data());
            T wanted_loss, got_loss;
            const auto wanted = gradient(workspace, b, &wanted_loss);
            for (const Kept<T>& k : kept) b.known_value(k.taker, k.panel.data() + shift, ld);
            CHECK(gradient(workspace, b, &got_loss, {.threads = 3}) == wanted);
            CHECK(got_loss == wanted_loss);
            for (const Kept<T>& k : kept) b.known_value(k.taker, nullptr, 0);
            CHECK(gradient(workspace, b, &got_loss) == wanted);
          }
  }
}

TEST_CASE("known values are taken, and not by runs that keep or check") {
  const Recorded recorded;
  const Program acting = recorded.acting(&tanh), loss = recorded.loss(&tanh);
  const Batch<double> batch(recorded.layout, 64);
  auto kept = leave(acting, loss, batch, 80, 0);
  Workspace<double> workspace(loss);
  Bindings<double> b = batch.learning(loss);
  double right, wrong;
  const auto wanted = gradient(workspace, b, &right);
  for (Kept<double>& k : kept) {
    for (double& x : k.panel) x = 0.25;
    b.known_value(k.taker, k.panel.data(), 80);
  }
  CHECK(gradient(workspace, b, &wrong) != wanted);
  CHECK(wrong != right);
  CHECK(gradient(workspace, b, &wrong, {.check = true}) == wanted);
  CHECK(wrong == right);
  gradient(workspace, b, &wrong, {.keep = true});
  CHECK(wrong == doctest::Approx(right).epsilon(1e-14));
}

TEST_CASE("nodes are common where inputs, parameters, ops and constants are") {
  const Recorded recorded;
  const Program acting = recorded.acting(&tanh), loss = recorded.loss(&tanh);
  const auto names = [](const Program& p, const std::vector<std::pair<int, int>>& pairs) {
    std::string all;
    for (const auto& [from, to] : pairs) all += std::string(p.node(from).word()) + " ";
    return all;
  };
  CHECK(names(acting, common_nodes(acting, loss)) == "affine tanh affine tanh affine log_softmax ");
  CHECK(common_nodes(recorded.acting(&tanh, "other"), loss).empty());
  CHECK(names(acting, common_nodes(recorded.acting(&relu), loss)) == "affine ");
  ParameterLayout moved;
  moved.add("before", 1, 1);
  for (const Segment& s : recorded.layout.segments()) moved.add(s.name, s.rows, s.columns);
  Tape t(moved);
  const Program elsewhere = t.program({{"y", affine(t.input("obs", features), t.parameter("w1"), t.parameter("b1"))}});
  CHECK(common_nodes(elsewhere, loss).empty());

  const auto scaled = [](double by) {
    Tape tape;
    const Tensor x = tape.input("obs", 2);
    return tape.program({{"y", x * tape.constant(1, 2, {1, by})}});
  };
  CHECK(common_nodes(scaled(2), scaled(2)).size() == 1);
  CHECK(common_nodes(scaled(2), scaled(3)).empty());

  const auto recorded_as = [](const auto& op, int features_of_obs) {
    ParameterLayout one;
    one.add("row", 1, 2);
    Tape tape(one);
    return tape.program({{"y", op(tape.input("obs", features_of_obs), tape.parameter("row"))}});
  };
  const auto squared = [](const Tensor& x, const Tensor&) { return square(x); };
  CHECK(common_nodes(recorded_as(squared, 2), recorded_as(squared, 2)).size() == 1);
  CHECK(common_nodes(recorded_as(squared, 2), recorded_as(squared, 3)).empty());
  const auto first = [](const Tensor& x, const Tensor&) { return slice(x, 0, 1); };
  const auto second = [](const Tensor& x, const Tensor&) { return slice(x, 1, 1); };
  CHECK(common_nodes(recorded_as(first, 2), recorded_as(first, 2)).size() == 1);
  CHECK(common_nodes(recorded_as(first, 2), recorded_as(second, 2)).empty());
  // An op over parameters alone is no value of a batch.
  const auto scaled_by_exp = [](const Tensor& x, const Tensor& row) { return x * exp(row); };
  CHECK(common_nodes(recorded_as(scaled_by_exp, 2), recorded_as(scaled_by_exp, 2)).size() == 1);
}

TEST_CASE("what no run holds cannot be had") {
  const Recorded recorded;
  const Program acting = recorded.acting(&tanh);
  const Batch<float> batch(recorded.layout, 4);
  Workspace<float> workspace(acting);
  Bindings<float> b = batch.acting(acting);
  std::vector<float> panel(100);
  CHECK_THROWS_WITH_AS(b.value_out(0, panel.data(), 4), doctest::Contains("no op over the batch"), Error);
  CHECK_THROWS_AS(b.known_value(1000, panel.data(), 4), Error);
  for (std::size_t i = 0; i < acting.nodes().size(); ++i) {
    const int id = static_cast<int>(i);
    if (acting.node(id).kind != NodeKind::op || workspace.holds(id)) continue;
    b.value_out(id, panel.data(), 4);
    CHECK_THROWS_WITH_AS(workspace.run(b, Sink<float>::none()), doctest::Contains("Workspace::holds"), Error);
    b.value_out(id, nullptr, 0);
  }
  CHECK_NOTHROW(workspace.run(b, Sink<float>::none()));
}
