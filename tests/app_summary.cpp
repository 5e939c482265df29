#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <pigrad/app/summary.hpp>
#include <pigrad/app/versions.hpp>
#include <pigrad/core/error.hpp>

using namespace pigrad;
using namespace pigrad::app;

namespace {

struct Config {
  double gamma = 0.1 + 0.2;
  std::string env = "CartPole-v1";
  std::vector<int> hidden{64, 32};
  template <class V>
  void fields(V& v) {
    v("gamma", gamma, "discount");
    v("policy.hidden", hidden, "units");
    v("env", env, "environment");
  }
};

}  // namespace

TEST_CASE("a summary is JSON that reads back to the same values, in the order of writing") {
  Config config;
  Summary summary;
  summary.set("seed", std::int64_t{9007199254740993}).set("final.mean", 486.25).set("final.std", std::nan(""));
  summary.set("stopped", false).set("name", "γ \"x\" \xff").set_settings("settings", fields_of(config));
  const auto json = nlohmann::json::parse(summary.text());
  CHECK(json["seed"].get<std::int64_t>() == 9007199254740993);
  CHECK(json["final"]["mean"] == 486.25);
  CHECK(json["final"]["std"].is_null());
  CHECK(json["settings"]["gamma"].get<double>() == 0.1 + 0.2);
  CHECK(json["settings"]["policy"]["hidden"] == std::vector<int>{64, 32});
  CHECK(json["stopped"].is_boolean());
  CHECK(summary.text().find("seed") < summary.text().find("final"));
  CHECK_THROWS_AS(summary.set("seed.x", 1), Error);
}

TEST_CASE("versions say what a result depends on, and not where it was computed") {
  Summary summary;
  summary.set_versions();
  const auto json = nlohmann::json::parse(summary.text())["versions"];
  for (const char* name :
       {"pigrad", "commit", "build", "compiler", "eigen", "mujoco", "parallel", "isa", "cpu", "cores"}) {
    CAPTURE(name);
    CHECK_FALSE(json[name].get<std::string>().empty());
  }
  CHECK(json["pigrad"] == version());
  char host[256] = "";
  REQUIRE(::gethostname(host, sizeof host - 1) == 0);
  CHECK(summary.text().find(std::string("\"") + host) == std::string::npos);
  CHECK(summary.text().find("/home") == std::string::npos);
}
