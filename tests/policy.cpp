#include <pigrad/policy/policy.hpp>
#include <thread>

#include "export_cases.hpp"

using namespace pigrad_test;
using pigrad::Policy;
using pigrad::PolicyFault;

namespace {

Policy loaded(const std::string& path) {
  PolicyFault fault;
  Policy policy = Policy::load(path.c_str(), fault);
  INFO(fault.words);
  REQUIRE(policy);
  return policy;
}

/// The largest difference, relative above 1, of what the policy says and what the trained one said.
double off_by(const Policy& policy, const pigrad::TensorFile& exported) {
  const auto observations = tensor_numbers(exported, "parity.observations"),
             expected = tensor_numbers(exported, "parity.statistics");
  const auto features = static_cast<std::size_t>(policy.observations()),
             columns = static_cast<std::size_t>(policy.statistics());
  REQUIRE(observations.size() == 32 * features);
  REQUIRE(expected.size() == 32 * columns);
  std::vector<float> obs(features), says(columns);
  double worst = 0;
  for (std::size_t k = 0; k < 32; ++k) {
    for (std::size_t f = 0; f < features; ++f) obs[f] = static_cast<float>(observations[k * features + f]);
    policy.say(obs.data(), says.data());
    for (std::size_t i = 0; i < columns; ++i) {
      const double e = expected[k * columns + i];
      worst = std::max(worst, std::abs(static_cast<double>(says[i]) - e) / std::max(1.0, std::abs(e)));
    }
  }
  return worst;
}

std::string words_of(const std::string& bytes) {
  PolicyFault fault;
  CHECK_FALSE(Policy::parse(bytes.data(), bytes.size(), "it", fault));
  CHECK(fault);
  return fault.words;
}

/// The bytes with one text of the header in another's place, of the same length.
std::string with(std::string bytes, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  const auto at = bytes.find(from);
  REQUIRE(at != std::string::npos);
  return bytes.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a policy of a file says what the trained one said: exported, and from the checkpoint itself") {
  for_each_export([](const ExportCase&, const Folder& folder) {
    REQUIRE(call(folder, {"export", "run", "--to", "safetensors", "--quiet"}).status == 0);
    const auto exported = pigrad::TensorFile::load(folder / "policy.safetensors");
    const Policy first = loaded(folder / "policy.safetensors"), second = loaded(folder / "run/last.safetensors");
    CHECK(off_by(first, exported) <= 1e-6);
    CHECK(off_by(second, exported) <= 1e-6);
    std::vector<float> obs(static_cast<std::size_t>(first.observations()), 0.3f),
        one(static_cast<std::size_t>(first.actions()), 9), other(one);
    std::uint64_t seed = 5, same_seed = 5;
    for (int i = 0; i < 50; ++i) {
      CHECK(first.sample(obs.data(), seed, one.data()) == second.sample(obs.data(), same_seed, other.data()));
      CHECK(one == other);
      if (!first.discrete()) CHECK(std::abs(one[0]) <= 2.0f);
    }
  });
}

TEST_CASE("it has the bits of the exported C header, in what it says and draws") {
  for (const std::size_t which : {0u, 5u}) {
    const Folder folder;
    REQUIRE(train_case(folder, export_cases()[which]).status == 0);
    REQUIRE(call(folder, {"export", "run", "--to", "c", "--out", "p.h"}).status == 0);
    const Policy policy = loaded(folder / "run/last.safetensors");
    spit(folder / "use.c", std::string(R"(#include <stdio.h>
#include "p.h"
int main(void) {
  uint64_t seed = 11;
  int i, k;
  for (k = 0; k < 100; ++k) {
    float obs[p_observations], says[p_statistics], action[p_actions];
    for (i = 0; i < p_observations; ++i) obs[i] = 0.01f * (float)(k - 50) * (float)(i + 1);
    p_say(obs, says);
    for (i = 0; i < p_statistics; ++i) printf("%a ", (double)says[i]);
)") + (policy.discrete() ? "    action[0] = (float)p_sample(obs, &seed);\n" : "    p_sample(obs, action, &seed);\n") +
                               R"(    printf("%a\n", (double)action[0]);
  }
  return 0;
}
)");
    REQUIRE(std::system(("cd " + folder.path() +
                         " && " PIGRAD_CC " -std=c99 -O2 -ffp-contract=off use.c -o use -lm && ./use > said")
                            .c_str()) == 0);
    std::string said;
    std::uint64_t seed = 11;
    for (int k = 0; k < 100; ++k) {
      std::vector<float> obs, says(static_cast<std::size_t>(policy.statistics()));
      for (int i = 0; i < policy.observations(); ++i)
        obs.push_back(0.01f * static_cast<float>(k - 50) * static_cast<float>(i + 1));
      float action[2] = {};
      policy.say(obs.data(), says.data());
      const int choice = policy.sample(obs.data(), seed, action);
      if (policy.discrete()) action[0] = static_cast<float>(choice);
      says.push_back(action[0]);
      for (std::size_t i = 0; i < says.size(); ++i) {
        char number[40];
        std::snprintf(number, sizeof number, "%a%c", static_cast<double>(says[i]), i + 1 < says.size() ? ' ' : '\n');
        said += number;
      }
    }
    CHECK(said == slurp(folder / "said"));
  }
}

TEST_CASE("many threads share one policy") {
  const Folder folder;
  REQUIRE(train_case(folder, export_cases()[8]).status == 0);
  const Policy policy = loaded(folder / "run/last.safetensors");
  const auto drawn = [&](std::uint64_t seed) {
    std::vector<float> all;
    for (int i = 0; i < 2000; ++i) {
      const float obs[3] = {0.001f * static_cast<float>(i), -0.5f, 0.2f};
      float action = 0;
      policy.sample(obs, seed, &action);
      all.push_back(action);
    }
    return all;
  };
  std::vector<std::vector<float>> together(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < together.size(); ++t) threads.emplace_back([&, t] { together[t] = drawn(t); });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < together.size(); ++t) CHECK(together[t] == drawn(t));
}

TEST_CASE("what is no policy, damaged or newer is refused with words") {
  const Folder folder;
  REQUIRE(train_case(folder, export_cases()[8]).status == 0);
  REQUIRE(call(folder, {"export", "run", "--to", "safetensors", "--quiet"}).status == 0);
  const std::string exported = slurp(folder / "policy.safetensors"),
                    checkpoint = slurp(folder / "run/last.safetensors");
  for (const std::string& whole : {exported, checkpoint}) {
    const std::string format = whole == exported ? "\"format_version\":\"" : "\"policy.format\":\"";
    const std::string newer = words_of(with(whole, format + "1", format + "2"));
    CHECK(has(newer, "it: its format is version 2, this program reads 1"));
    CHECK(has(newer, "newer pigrad"));
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{8}, whole.size() / 2, whole.size() - 1})
      words_of(whole.substr(0, size));
    CHECK(has(words_of(with(whole, "tanh,", "tanx,")), "an activation that this program does not know"));
    CHECK(has(words_of(with(whole, "\"policy.2.weight\"", "\"policy.9.weight\"")), "weight is missing"));
    CHECK(has(words_of(with(whole, "normaliser.clip\":\"1.5", "normaliser.clip\":\"-.5")), "normaliser.clip"));
    CHECK(has(words_of(with(whole, "action.low\":\"-2", "action.low\":\"-x")), "bounds"));
    CHECK(has(words_of("\xff\xff\xff\xff\xff\xff\xff\x7f" + whole.substr(8)), "not whole"));
  }
  const auto length = static_cast<std::size_t>(static_cast<unsigned char>(exported[0])) |
                      static_cast<std::size_t>(static_cast<unsigned char>(exported[1])) << 8;
  std::string infinite = exported;
  for (std::size_t at = 8 + length; at + 4 <= infinite.size(); at += 4) infinite.replace(at, 4, "\x00\x00\x80\x7f", 4);
  words_of(infinite);
  CHECK(has(words_of(slurp(PIGRAD_GOLDEN_DIR "/nn.safetensors")), "no policy of pigrad"));
  PolicyFault fault;
  CHECK_FALSE(Policy::load((folder / "nothing").c_str(), fault));
  CHECK(has(fault.words, "No such file"));
  CHECK_FALSE(Policy::load(folder.path().c_str(), fault));
  CHECK(fault);
}

TEST_CASE("a file with any byte changed is refused or says numbers") {
  const Folder folder;
  REQUIRE(train_case(folder, export_cases()[7]).status == 0);
  REQUIRE(call(folder, {"export", "run", "--to", "safetensors", "--quiet"}).status == 0);
  const std::string whole = slurp(folder / "policy.safetensors");
  int refused = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(whole.size(), 3000); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x15);
    PolicyFault fault;
    const Policy policy = Policy::parse(bytes.data(), bytes.size(), "it", fault);
    CHECK(static_cast<bool>(policy) != static_cast<bool>(fault));
    refused += !policy;
    if (!policy) continue;
    std::vector<float> obs(static_cast<std::size_t>(policy.observations()), 0.1f),
        says(static_cast<std::size_t>(policy.statistics()));
    policy.say(obs.data(), says.data());
  }
  CHECK(refused > 500);
}
