#include <doctest/doctest.h>

#include <memory>
#include <pigrad/core/ops.hpp>

#include "bound.hpp"
#include "thread_group.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

/// Everything that sums, and how: rows, a fused network, a parameter of its own term, one that is used twice, outputs
/// of rows and fixed ones.
struct Recorded {
  ParameterLayout layout;
  Recorded() {
    layout.add("w", 9, 5), layout.add("b", 1, 9), layout.add("v", 3, 9), layout.add("c", 1, 3), layout.add("s", 1, 3);
  }
  Program program(double penalty = 0.01) const {
    Tape t(layout);
    const Tensor x = t.input("x", 5), s = t.parameter("s");
    const Tensor h = tanh(affine(x, t.parameter("w"), t.parameter("b")));
    const Tensor log_p = log_softmax(affine(h, t.parameter("v"), t.parameter("c")) * exp(s));
    const Tensor chosen = gather(log_p, t.index("a"));
    const Tensor entropy = mean(sum(exp(log_p) * log_p, Axis::columns)).named("entropy");
    Tensor loss = -mean(chosen * t.input("weight", 1)) + 0.1 * entropy;
    if (penalty > 0) loss = loss + penalty * sum(s * s);
    return t.program(loss, {{"log_p", log_p}, {"entropy", entropy}, {"chosen", chosen}});
  }
};

template <class T>
struct Result {
  T loss, entropy, without_gradient;
  std::vector<T> gradient;
  std::vector<std::vector<T>> outputs;
  bool operator==(const Result&) const = default;
};

template <class T>
Result<T> run_of(const Program& program, int rows, int threads, Group* group) {
  Bound<T> bound(program, rows);
  Workspace<T> workspace(program);
  Result<T> r;
  r.gradient.resize(bound.size, T(3));
  RunOptions options;
  options.threads = threads;
  options.group = group;
  r.loss = workspace.run(bound.bindings, Sink<T>::sum(r.gradient.data()), options).loss;
  r.entropy = workspace.fixed_output("entropy");
  for (auto& output : bound.outputs) std::fill(output.begin(), output.end(), T(0));
  r.without_gradient = workspace.run(bound.bindings, Sink<T>::none(), options).loss;
  r.outputs = bound.outputs;
  return r;
}

}  // namespace

TEST_CASE("indices are dealt to ranks in order, and each has an owner") {
  ThreadGroups groups(5);
  groups.run([](Group& group) {
    for (const int count : {1, 2, 4, 5, 64, 1000}) {
      const Part mine = group.part(count);
      for (int i = 0; i < count; ++i)
        CHECK((group.owner(i, count) == group.rank()) == (i >= mine.begin && i < mine.end));
    }
  });
}

TEST_CASE_TEMPLATE("a run that ranks share has the bits of one alone, for any number of them", T, float, double) {
  const Program program = Recorded().program();
  for (const int rows : {40, 500, 1537, 11000}) {
    const Result<T> alone = run_of<T>(program, rows, 1, nullptr);
    for (const int ranks : {1, 2, 3, 4, 7})
      for (const int threads : {1, 2}) {
        ThreadGroups groups(ranks);
        groups.run([&](Group& group) { CHECK((run_of<T>(program, rows, threads, &group) == alone)); });
        CHECK((groups.messages() > 0) == (ranks > 1 && rows > 320));
      }
  }
}

TEST_CASE("the derivative of a gradient is shared as the gradient is") {
  const Program program = Recorded().program();
  Bound<double> bound(program, 3000);
  const auto product = [&](Group* group) {
    Bindings<double> b = bound.bindings;
    b.parameters(bound.parameters.data(), bound.parameters.data());
    Workspace<Dual<double>> workspace(program);
    std::vector<double> both(2 * bound.size);
    RunOptions options;
    options.group = group;
    for (const auto& output : program.outputs()) b.output(output.name, nullptr, 0);
    both.push_back(workspace.run(b, Sink<double>::sum(both.data(), both.data() + bound.size), options).tangent);
    return both;
  };
  const std::vector<double> alone = product(nullptr);
  ThreadGroups groups(3);
  groups.run([&](Group& group) { CHECK(product(&group) == alone); });
}

TEST_CASE("runs that keep, check or look at samples are each rank's own") {
  const Program program = Recorded().program(0);
  ThreadGroups groups(2);
  groups.run([&](Group& group) {
    Bound<float> bound(program, 2000);
    Workspace<float> workspace(program);
    std::vector<float> gradient(bound.size), norms(2000);
    RunOptions kept, checked, shared;
    kept.group = checked.group = shared.group = &group;
    kept.keep = checked.check = true;
    workspace.run(bound.bindings, Sink<float>::sum(gradient.data()), kept);
    workspace.run(bound.bindings, Sink<float>::sum(gradient.data()), checked);
    workspace.run(bound.bindings, Sink<float>::norm(norms.data()), shared);
    for (const float x : norms) CHECK(x > 0);
  });
  CHECK(groups.messages() == 0);
}
