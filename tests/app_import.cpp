#include <pigrad/policy/policy.hpp>

#include "program.hpp"

using namespace pigrad_test;
using pigrad::Dtype;
using pigrad::TensorView;

namespace {

/// A network's tensors, every weight 0.1 and every bias 0.2 times its place.
class Tensors {
 public:
  void matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
    add(name, {rows, columns}, static_cast<std::size_t>(rows * columns), 0.1f);
  }
  void row(const std::string& name, std::int64_t columns, float scale = 0.2f) {
    add(name, {columns}, static_cast<std::size_t>(columns), scale);
  }
  void layer(const std::string& name, std::int64_t inputs, std::int64_t outputs) {
    matrix(name + ".weight", outputs, inputs);
    row(name + ".bias", outputs);
  }
  void save(const std::string& path, const pigrad::Metadata& metadata = {}) const {
    pigrad::save_safetensors(path, views_, metadata);
  }

 private:
  void add(const std::string& name, pigrad::TensorShape shape, std::size_t count, float scale) {
    auto& values = *kept_.emplace_back(std::make_unique<std::vector<float>>());
    for (std::size_t i = 0; i < count; ++i) values.push_back(scale * static_cast<float>(i % 5));
    views_.push_back(pigrad::tensor_view(name, std::move(shape), values.data()));
  }
  std::vector<std::unique_ptr<std::vector<float>>> kept_;
  std::vector<TensorView> views_;
};

std::vector<float> says(const std::string& path, std::vector<float> obs) {
  pigrad::PolicyFault fault;
  const pigrad::Policy policy = pigrad::Policy::load(path.c_str(), fault);
  REQUIRE_MESSAGE(policy, fault.words);
  REQUIRE(policy.observations() == static_cast<int>(obs.size()));
  std::vector<float> out(static_cast<std::size_t>(policy.statistics()));
  policy.say(obs.data(), out.data());
  return out;
}

}  // namespace

TEST_CASE("a network of PyTorch's names becomes a run that evaluates, exports and says what its numbers say") {
  const Folder folder;
  Tensors t;
  t.layer("actor.0", 3, 2);
  t.layer("actor.2", 2, 1);
  t.row("actor_logstd", 1, 0);
  t.layer("critic.0", 3, 1);
  t.save(folder / "theirs.safetensors");
  const Ended ended = call(folder, {"import", "theirs.safetensors", "--environment", "Pendulum-v1"});
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(has(ended.out, "network \"actor.\", 3-2-1, tanh"));
  CHECK(has(ended.out, "left out: critic.0.bias, critic.0.weight"));
  CHECK(has(ended.out, "wrote runs/theirs/last.safetensors"));
  CHECK(call(folder, {"eval", "runs/theirs", "--episodes", "2"}).status == 0);
  REQUIRE(call(folder, {"export", "runs/theirs", "--to", "safetensors", "--quiet"}).status == 0);
  const std::vector<float> obs = {0.5f, -1, 2};
  const double h0 = std::tanh(0 * 0.5 + 0.1 * -1 + 0.2 * 2 + 0), h1 = std::tanh(0.3 * 0.5 + 0.4 * -1 + 0 * 2 + 0.2);
  const double mean = 0 * h0 + 0.1 * h1;
  for (const char* path : {"policy.safetensors", "runs/theirs/last.safetensors"}) {
    const auto said = says(folder / path, obs);
    CHECK(said[0] == doctest::Approx(mean).epsilon(1e-6));
    CHECK(said[1] == 0);
  }
}

TEST_CASE("what is no plain network, or fits no environment, is refused with words") {
  const Folder folder;
  const auto refused = [&](const Words& more, const char* words) {
    const Ended ended = call(folder, Words{"import", "f.safetensors"} + more);
    CHECK(ended.status == 2);
    CHECK_MESSAGE(has(ended.err, words), ended.err);
    CHECK_FALSE(fs::exists(folder / "runs"));
  };
  const Words cart = {"--environment", "CartPole-v1"};
  Tensors none;
  none.matrix("conv.weight", 3, 3);
  none.save(folder / "f.safetensors");
  refused(cart, "no layers named NUMBER.weight");
  Tensors two;
  two.layer("a.0", 4, 2);
  two.layer("b.0", 4, 2);
  two.save(folder / "f.safetensors");
  refused(cart, "several networks in it go from 4 features to 2 choices: \"a.\" (4-2), \"b.\" (4-2)");
  refused({"--environment", "Pendulum-v1"}, "no network in it goes from 3 features to 1 dimensions");
  refused(cart + Words{"--network", "c"}, "\"c\" was asked for");
  refused(cart + Words{"--activation", "gelu"}, "gelu");
  refused({"--environment", "CartPole-v9"}, "CartPole-v9");
  CHECK(call(folder, Words{"import", "f.safetensors", "--network", "b", "--out", "b"} + cart).status == 0);
  Tensors broken;
  broken.matrix("0.weight", 2, 4);
  broken.row("0.bias", 3);
  broken.save(folder / "f.safetensors");
  refused(cart, "no layers named");
  Tensors infinite;
  infinite.matrix("0.weight", 2, 4);
  infinite.row("0.bias", 2, std::numeric_limits<float>::infinity());
  infinite.save(folder / "f.safetensors");
  refused(cart, "a number that is not finite");
  spit(folder / "f.safetensors", "no such thing");
  refused(cart, "safetensors");
  Tensors seen;
  seen.layer("policy.0", 4, 2);
  seen.row("normaliser.mean", 4);
  seen.save(folder / "f.safetensors");
  refused(cart, "normalised observations");
  CHECK(call(folder, {"import", "nothing.safetensors", "--environment", "CartPole-v1"}).status == 2);
}
