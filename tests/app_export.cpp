#include <pigrad/nn/mlp.hpp>
#include <sstream>

#include "export_cases.hpp"

using namespace pigrad_test;

namespace {

double activated(const std::string& name, double x) {
  if (name == "tanh") return std::tanh(x);
  if (name == "relu") return std::max(x, 0.0);
  if (name == "elu") return x > 0 ? x : std::expm1(x);
  if (name == "sigmoid") return 1 / (1 + std::exp(-x));
  if (name == "softplus") return std::log1p(std::exp(x));
  return x;
}

/// What the file's policy says of an observation, from its tensors and metadata alone.
std::vector<double> says(const pigrad::TensorFile& file, std::vector<double> x) {
  const auto mean = tensor_numbers(file, "normaliser.mean"), inverse = tensor_numbers(file, "normaliser.inverse");
  const pigrad::Metadata& about = file.metadata();
  for (std::size_t f = 0; f < mean.size(); ++f) {
    const double clip = std::stod(about.at("normaliser.clip"));
    x[f] = std::clamp((x[f] - mean[f]) * inverse[f], -clip, clip);
  }
  std::istringstream names(about.at("activations"));
  int layer = 0;
  for (std::string name; std::getline(names, name, ','); layer += 2) {
    const auto w = tensor_numbers(file, "policy." + std::to_string(layer) + ".weight"),
               b = tensor_numbers(file, "policy." + std::to_string(layer) + ".bias");
    std::vector<double> y(b);
    for (std::size_t i = 0; i < b.size(); ++i) {
      for (std::size_t j = 0; j < x.size(); ++j) y[i] += w[i * x.size() + j] * x[j];
      y[i] = activated(name, y[i]);
    }
    x = y;
  }
  if (about.at("actions") == "discrete") {
    double sum = 0;
    for (const double z : x) sum += std::exp(z);
    for (double& z : x) z -= std::log(sum);
  } else if (const auto log_std = tensor_numbers(file, "policy.log_std"); !log_std.empty()) {
    x.insert(x.end(), log_std.begin(), log_std.end());
  } else {
    for (std::size_t i = x.size() / 2; i < x.size(); ++i) x[i] *= std::stod(about.at("log_std_scale"));
  }
  return x;
}

}  // namespace

TEST_CASE("a policy leaves as a C header that says what it said") {
  for_each_export([](const ExportCase&, const Folder& folder) {
    const Ended ended = call(folder, {"export", "run", "--to", "c", "--out", "my-policy.h"});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    CHECK(has(ended.out, "wrote my-policy.h"));
    const std::string compile = "cd " + folder.path() +
                                " && " PIGRAD_CC
                                " -std=c99 -Wall -Wextra -Werror -pedantic my_policy_parity.c -o check -lm";
    REQUIRE(std::system(compile.c_str()) == 0);
    CHECK(std::system(("cd " + folder.path() + " && ./check > said").c_str()) == 0);
    CHECK(has(slurp(folder / "said"), "over 32 observations"));
    std::string wrong = slurp(folder / "my-policy.h");
    const std::size_t weight = wrong.find("_w0[");
    wrong.insert(wrong.find("{", weight) + 1, "9.0f + ");
    spit(folder / "my-policy.h", wrong);
    REQUIRE(std::system(compile.c_str()) == 0);
    CHECK(std::system(("cd " + folder.path() + " && ./check > said").c_str()) != 0);
  });
}

TEST_CASE("the C header acts: the mode, draws by the policy's probabilities, actions within bounds") {
  const Folder folder;
  REQUIRE(train_case(folder, export_cases().front()).status == 0);
  REQUIRE(call(folder, {"export", "run", "--to", "c", "--out", "p.h"}).status == 0);
  spit(folder / "use.c", R"(#include "p.h"
int main(void) {
  const float obs[4] = {0.1f, -0.4f, 0.05f, 0.9f};
  float says[p_statistics];
  uint64_t seed = 7;
  int i, ones = 0, n = 200000;
  double p, off;
  p_say(obs, says);
  if (p_act(obs) != (says[1] > says[0])) return 1;
  for (i = 0; i < n; ++i) ones += p_sample(obs, &seed);
  p = exp((double)says[1]);
  off = ((double)ones / n - p) / sqrt(p * (1 - p) / n);
  return off > -4.5 && off < 4.5 ? 0 : 2;
}
)");
  const std::string compile =
      "cd " + folder.path() + " && " PIGRAD_CC " -std=c99 -Wall -Wextra -Werror use.c -o use -lm";
  REQUIRE(std::system(compile.c_str()) == 0);
  CHECK(std::system((folder / "use").c_str()) == 0);

  const Folder other;
  REQUIRE(train_case(other, export_cases()[5]).status == 0);
  REQUIRE(call(other, {"export", "run", "--to", "c", "--out", "p.h"}).status == 0);
  spit(other / "use.c", R"(#include "p.h"
int main(void) {
  const float obs[3] = {0.6f, -0.8f, 1.5f};
  float says[p_statistics], action[p_actions];
  uint64_t seed = 3;
  int i, n = 200000, inside = 0, bounded = 0;
  double sum = 0, squares = 0, mean, deviation, z;
  p_say(obs, says);
  p_act(obs, action);
  if (action[0] != says[0] && fabsf(action[0]) != 2.0f) return 1;
  for (i = 0; i < n; ++i) {
    p_sample(obs, action, &seed);
    if (!(action[0] >= -2.0f && action[0] <= 2.0f)) return 2;
    inside += fabsf(action[0] - says[0]) < expf(says[1]);
    bounded += fabsf(action[0]) == 2.0f;
    sum += (double)action[0];
    squares += (double)action[0] * (double)action[0];
  }
  mean = sum / n;
  deviation = exp((double)says[1]) * sqrt(2.0);
  z = 0.5 * (erf((2.0 - (double)says[0]) / deviation) - erf((-2.0 - (double)says[0]) / deviation));
  if (squares <= mean * mean * n) return 3;
  if (inside == 0) return 4;
  return fabs((double)bounded / n - (1 - z)) < 4.5 * sqrt(z * (1 - z) / n) + 1e-9 ? 0 : 5;
}
)");
  const std::string second = "cd " + other.path() + " && " PIGRAD_CC " -std=c99 -Wall -Wextra use.c -o use -lm";
  REQUIRE(std::system(second.c_str()) == 0);
  CHECK(std::system((other / "use").c_str()) == 0);
}

TEST_CASE("a policy leaves as safetensors whose tensors and metadata say what it said") {
  for_each_export([](const ExportCase&, const Folder& folder) {
    REQUIRE(call(folder, {"export", "run", "--to", "safetensors", "--quiet"}).status == 0);
    const auto file = pigrad::TensorFile::load(folder / "policy.safetensors");
    CHECK(file.metadata().at("format") == "pigrad-policy");
    const auto observations = tensor_numbers(file, "parity.observations"),
               expected = tensor_numbers(file, "parity.statistics");
    const std::size_t count = 32, features = observations.size() / count, columns = expected.size() / count;
    REQUIRE(features > 0);
    for (std::size_t k = 0; k < count; ++k) {
      const auto from = observations.begin() + static_cast<std::ptrdiff_t>(k * features);
      const auto said = says(file, {from, from + static_cast<std::ptrdiff_t>(features)});
      REQUIRE(said.size() == columns);
      for (std::size_t i = 0; i < columns; ++i)
        CHECK(std::abs(said[i] - expected[k * columns + i]) < 2e-6 * std::max(1.0, std::abs(said[i])));
    }
  });
}

TEST_CASE("export refuses what it cannot do") {
  const Folder folder;
  CHECK(call(folder, {"export", "nothing", "--to", "c"}).status == 2);
  REQUIRE(train_case(folder, export_cases().front()).status == 0);
  CHECK(call(folder, {"export", "run"}).status == 2);
  CHECK(call(folder, {"export", "run", "--to", "cobol"}).status == 2);
  CHECK(call(folder, {"export", "run", "--to", "c", "--out", "no/such/folder/p.h"}).status == 2);
}
