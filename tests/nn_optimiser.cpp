#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <pigrad/core/backend.hpp>
#include <pigrad/nn/clip.hpp>
#include <pigrad/nn/optimiser.hpp>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/nn/schedule.hpp>
#include <string>
#include <vector>

#include "count_allocations.hpp"

using namespace pigrad;

namespace {

constexpr int before = 2, after = 3;  // parameters that the optimiser does not own

OptimiserSettings with(const std::string& name, const std::function<void(OptimiserSettings&)>& change = {}) {
  OptimiserSettings s = OptimiserSettings::of(name);
  if (change) change(s);
  return s;
}

struct Variant {
  const char* golden;
  OptimiserSettings settings;
};

std::vector<Variant> variants() {
  using S = OptimiserSettings&;
  return {
      {"sgd", with("sgd")},
      {"sgd_decay", with("sgd", [](S s) { s.weight_decay = 0.1; })},
      {"sgd_momentum", with("sgd", [](S s) { s.momentum = 0.9; })},
      {"sgd_dampening", with("sgd", [](S s) { s.momentum = 0.9, s.dampening = 0.3, s.weight_decay = 0.1; })},
      {"sgd_nesterov",
       with("sgd", [](S s) { s.momentum = 0.8, s.nesterov = true, s.weight_decay = 0.1, s.maximise = true; })},
      {"adam", with("adam")},
      {"adam_decay", with("adam", [](S s) { s.weight_decay = 0.1, s.beta1 = 0.8, s.beta2 = 0.95, s.epsilon = 1e-5; })},
      {"adam_maximise", with("adam", [](S s) { s.maximise = true, s.beta1 = 0.3, s.beta2 = 0.99; })},
      {"adamw", with("adamw")},
      {"adamw_decay", with("adamw", [](S s) { s.weight_decay = 0.3, s.maximise = true; })},
      {"rmsprop", with("rmsprop")},
      {"rmsprop_momentum", with("rmsprop", [](S s) { s.momentum = 0.9, s.alpha = 0.9, s.weight_decay = 0.1; })},
      {"rmsprop_centered", with("rmsprop", [](S s) { s.centered = true, s.epsilon = 1e-5; })},
      {"rmsprop_all",
       with("rmsprop", [](S s) { s.centered = true, s.momentum = 0.7, s.weight_decay = 0.1, s.maximise = true; })},
      {"rmsprop_inside", with("rmsprop", [](S s) { s.epsilon_inside = true, s.epsilon = 1e-3; })},
      {"rmsprop_tensorflow",
       with("rmsprop", [](S s) { s.epsilon_inside = true, s.epsilon = 1e-3, s.initial_mean_square = 1; })},
  };
}

const TensorFile& golden() {
  static const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/optimisers.safetensors");
  return file;
}

template <class T>
Parameters<T> start_parameters() {
  const auto start = golden().values<double>("start");
  ParameterLayout layout;
  layout.add("before", 1, before);
  layout.add("owned", static_cast<int>(start.size()), 1);
  layout.add("after", 1, after);
  Parameters<T> parameters(layout);
  std::fill_n(parameters.data(), parameters.size(), T(42));
  std::transform(start.begin(), start.end(), parameters.data() + before, [](double x) { return static_cast<T>(x); });
  return parameters;
}

template <class T>
std::vector<T> gradient_of(int step, int size) {
  const auto all = golden().values<double>("gradients");
  std::vector<T> gradient(static_cast<std::size_t>(before + size + after), std::numeric_limits<T>::quiet_NaN());
  for (int i = 0; i < size; ++i)
    gradient[static_cast<std::size_t>(before + i)] = static_cast<T>(all[static_cast<std::size_t>(step * size + i)]);
  return gradient;
}

/// The largest error relative to PyTorch's value over five steps; 1 if a parameter outside the range moved.
template <class T>
double worst_error(const Variant& variant) {
  Parameters<T> parameters = start_parameters<T>();
  const int size = parameters.size() - before - after;
  const auto optimiser = make_optimiser<T>(variant.settings, {before, before + size});
  const auto rates = golden().values<double>("rates");
  const auto path = golden().values<double>(variant.golden);
  double worst = 0;
  for (int step = 0; step < 5; ++step) {
    optimiser->set_learning_rate(rates[static_cast<std::size_t>(step)]);
    optimiser->step(parameters, gradient_of<T>(step, size).data());
    for (int i = 0; i < size; ++i) {
      const double expected = path[static_cast<std::size_t>(step * size + i)];
      const double error = std::abs(static_cast<double>(parameters.data()[before + i]) - expected) / std::abs(expected);
      worst = std::isnan(error) ? 1 : std::max(worst, error);
    }
    for (int i = 0; i < parameters.size(); ++i)
      if ((i < before || i >= before + size) && parameters.data()[i] != T(42)) worst = 1;
  }
  return worst;
}

}  // namespace

TEST_CASE(
    "five steps equal PyTorch's, in double to 1e-12 and in float to rounding, and nothing outside the range moves") {
  for (const Variant& variant : variants()) {
    CAPTURE(variant.golden);
    CHECK(golden().values<double>(variant.golden).size() == 35);
    CHECK(worst_error<double>(variant) < 1e-12);
    CHECK(worst_error<float>(variant) < 1e-4);
  }
}

TEST_CASE("the golden paths differ from each other, so that no setting is idle") {
  const auto all = variants();
  for (std::size_t a = 0; a < all.size(); ++a)
    for (std::size_t b = a + 1; b < all.size(); ++b) {
      CAPTURE(all[a].golden);
      CAPTURE(all[b].golden);
      CHECK(golden().values<double>(all[a].golden) != golden().values<double>(all[b].golden));
    }
}

TEST_CASE("steps and state are all that a checkpoint needs: a resumed optimiser goes on bit for bit") {
  for (const Variant& variant : variants()) {
    CAPTURE(variant.golden);
    auto parameters = start_parameters<float>();
    const ParameterRange range{before, parameters.size() - after};
    const auto whole = make_optimiser<float>(variant.settings, range);
    for (int step = 0; step < 3; ++step) whole->step(parameters, gradient_of<float>(step, range.size()).data());

    auto resumed_parameters = parameters;
    const auto resumed = make_optimiser<float>(variant.settings, range);
    resumed->set_steps(whole->steps());
    const auto saved = whole->state(), restored = resumed->state();
    REQUIRE(saved.size() == restored.size());
    for (std::size_t i = 0; i < saved.size(); ++i) {
      CHECK(std::string(saved[i].name) == restored[i].name);
      std::copy_n(saved[i].data, saved[i].size, restored[i].data);
    }
    const auto version = parameters.version();
    for (int step = 3; step < 5; ++step) {
      whole->step(parameters, gradient_of<float>(step, range.size()).data());
      resumed->step(resumed_parameters, gradient_of<float>(step, range.size()).data());
    }
    CHECK(parameters.version() == version + 2);
    CHECK(std::equal(parameters.data(), parameters.data() + parameters.size(), resumed_parameters.data()));
  }
}

TEST_CASE("a step, its clipping and its learning rate allocate nothing") {
  const Schedule schedule("piecewise:0=0,0.1=1,1=0.5");
  for (const Variant& variant : variants()) {
    CAPTURE(variant.golden);
    auto parameters = start_parameters<float>();
    const ParameterRange range{before, parameters.size() - after};
    const auto optimiser = make_optimiser<float>(variant.settings, range);
    auto gradient = gradient_of<float>(0, range.size());
    const std::size_t earlier = pigrad_test::allocations;
    for (int epoch = 0; epoch < 3; ++epoch) {
      clip_by_global_norm(gradient.data(), range, 0.5);
      optimiser->set_learning_rate(schedule.value(1e-3, epoch, 3));
      optimiser->step(parameters, gradient.data());
    }
    CHECK(pigrad_test::allocations == earlier);
  }
  CHECK(pigrad_test::allocations > 0);
}

TEST_CASE("a centered mean square that rounds below 0 gives no NaN") {
  ParameterLayout layout;
  layout.add("p", 1, 64);
  Parameters<float> parameters(layout);
  const auto optimiser =
      make_optimiser<float>(with("rmsprop", [](auto& s) { s.centered = true, s.alpha = 0.1; }), {0, 64});
  std::vector<float> gradient(64);
  for (std::size_t i = 0; i < 64; ++i) gradient[i] = 0.1f + 0.01f * static_cast<float>(i);
  for (int step = 0; step < 100; ++step) optimiser->step(parameters, gradient.data());
  CHECK(std::all_of(parameters.data(), parameters.data() + 64, [](float x) { return std::isfinite(x); }));
}

TEST_CASE("settings that are out of range, or belong to another optimiser, are refused with their name") {
  using S = OptimiserSettings&;
  const auto refused = [](const std::string& name, const std::function<void(S)>& change, const char* words) {
    CAPTURE(words);
    CHECK_THROWS_WITH_AS(make_optimiser<double>(with(name, change), {0, 3}), doctest::Contains(words), Error);
  };
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  refused(
      "adam", [](S s) { s.name = "adamx"; }, "use one of: sgd, adam, adamw, rmsprop");
  refused(
      "adam", [](S s) { s.learning_rate = -1; }, "optimiser.learning_rate");
  refused(
      "adam", [=](S s) { s.learning_rate = nan; }, "optimiser.learning_rate");
  refused(
      "sgd", [=](S s) { s.learning_rate = inf; }, "optimiser.learning_rate");
  refused(
      "adam", [](S s) { s.beta1 = 1; }, "optimiser.beta1");
  refused(
      "adam", [](S s) { s.beta2 = -0.1; }, "optimiser.beta2");
  refused(
      "adam", [](S s) { s.epsilon = -1; }, "optimiser.epsilon");
  refused(
      "adam", [](S s) { s.weight_decay = -1; }, "optimiser.weight_decay");
  refused(
      "adam", [](S s) { s.momentum = 0.9; }, "sgd or rmsprop");
  refused(
      "adam", [](S s) { s.epsilon_inside = true; }, "use rmsprop");
  refused(
      "rmsprop", [](S s) { s.alpha = 1.1; }, "optimiser.alpha");
  refused(
      "rmsprop", [](S s) { s.nesterov = true, s.momentum = 0.9; }, "optimiser.nesterov");
  refused(
      "sgd", [](S s) { s.nesterov = true; }, "optimiser.nesterov");
  refused(
      "sgd", [](S s) { s.nesterov = true, s.momentum = 0.9, s.dampening = 0.1; }, "optimiser.nesterov");
  refused(
      "sgd", [](S s) { s.centered = true; }, "optimiser.centered");
  CHECK_THROWS_AS(OptimiserSettings::of("lion"), Error);
  CHECK_THROWS_AS(make_optimiser<float>(with("adam"), {0, 0}), Error);
  CHECK_THROWS_AS(make_optimiser<float>(with("adam"), {-1, 4}), Error);
}

TEST_CASE("a step beyond the parameters, a bad rate and a bad count are refused and change nothing") {
  auto parameters = start_parameters<double>();
  const auto optimiser = make_optimiser<double>(with("adam"), {0, parameters.size() + 1});
  const std::vector<double> gradient(100, 1.0);
  CHECK_THROWS_AS(optimiser->step(parameters, gradient.data()), Error);
  CHECK(optimiser->steps() == 0);
  CHECK(parameters.data()[0] == 42);
  CHECK_THROWS_AS(optimiser->set_learning_rate(std::nan("")), Error);
  CHECK_THROWS_AS(optimiser->set_steps(-1), Error);
  CHECK(optimiser->learning_rate() == 1e-3);
}

TEST_CASE_TEMPLATE("what optimisers remember of a unit without gradients ends at 0, not among denormals", T, float,
                   double) {
  constexpr std::size_t size = 21;
  const AdamStep<T> adam{T(1), T(0), T(0.1), T(0.999), T(0.001), T(1), T(1e-8), T(1), T(1e-3)};
  const RmsPropStep<T> rmsprop{.sign = T(1),
                               .decay = T(0),
                               .keep = T(0.99),
                               .enter = T(0.01),
                               .inside = T(0),
                               .outside = T(1e-5),
                               .rate = T(1e-3),
                               .momentum = T(0.9)};
  for (const std::string& backend : backend_names()) {
    CAPTURE(backend);
    const OptimiserKernels<T>& kernels = find_backend<T>(backend).optimisers;
    const std::vector<T> faint(size, std::numeric_limits<T>::min()), none(size, T(0));
    std::vector<T> p(size, T(1)), g(size, T(0)), mean = faint, square = faint, velocity = faint;
    kernels.adam(size, adam, p.data(), g.data(), mean.data(), square.data());
    CHECK(mean == none);
    CHECK(square == none);
    mean = square = faint;
    kernels.rmsprop(size, rmsprop, p.data(), g.data(), square.data(), mean.data(), velocity.data());
    CHECK(mean == none);
    CHECK(square == none);
    CHECK(velocity == none);
    CHECK(p == std::vector<T>(size, T(1)));
  }
}
