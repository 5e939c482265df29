#include <cmath>
#include <map>

#include "program.hpp"

using namespace pigrad_test;
using pigrad::TensorFile;

namespace {

/// A run that the instruments look at: made once.
struct Made {
  Folder folder;
  std::string run = folder / "run";
  Ended ended = call(folder, short_run(run) + Words{"--quiet"});
};

const Made& made() {
  static const Made one;
  return one;
}

Ended grad(const Words& words) { return call(made().folder, Words{"grad"} + words); }

const char* const header = "obs_0,obs_1,obs_2,obs_3,action,reward,terminated,truncated";
const std::vector<std::string> rows = {"0.01,0.2,-0.03,0.1,1,1,0,0", "0.02,0.4,-0.03,-0.2,0,1,0,0",
                                       "0.03,0.2,-0.04,0.1,0,1,1,0", "-0.02,0,0.01,0,1,1,1,0"};

std::string table(const std::string& head, const std::vector<std::string>& lines) {
  std::string text = head + "\n";
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// One line on standard error, status 2, and each of the parts.
void check_refused(const Ended& ended, const Words& parts) {
  CHECK(ended.status == 2);
  CHECK(lines(ended.err) == 1);
  for (const std::string& part : parts) CHECK_MESSAGE(has(ended.err, part), ended.err);
}

}  // namespace

TEST_CASE("show opens a timestep, and draws its tape") {
  REQUIRE_MESSAGE(made().ended.status == 0, made().ended.err);
  const Ended shown = grad({"show", made().run, "--episode", "1", "--step", "3", "--rate", "0.1", "--seed", "4"});
  REQUIRE_MESSAGE(shown.status == 0, shown.err);
  for (const char* part :
       {"a2c on CartPole-v1 after epoch 12", "episode 1 of seed 4", "logits", "π(0) = ", "log-prob", "return-to-go",
        "V = ", "advantage", "score ∇ln π(a|s): norm", "policy.0", "3 (this)", "first order", "log_softmax", "adjoint"})
    CHECK_MESSAGE(has(shown.out, part), part);
  const std::string svg = slurp(made().run + "/tape-1-3.svg");
  CHECK(has(svg, "<svg"));
  CHECK(has(svg, "log_softmax"));
  CHECK(grad({"show", made().run, "--episode", "1", "--step", "3", "--rate", "0.1", "--seed", "4"}).out == shown.out);
  check_refused(grad({"show", made().run, "--step", "100000"}), {"step 100000", "the episode has", "give 0 to"});
  check_refused(grad({"show", "nowhere"}), {"there is no such run or checkpoint"});
}

TEST_CASE("compute writes gradients of a table, whose samples' mean is the whole") {
  spit(made().folder / "data.csv", table(header, rows));
  const std::string out = made().folder / "g.safetensors";
  const Ended done = grad({"compute", made().run, "--data", "data.csv", "--estimator", "return_to_go", "--gamma", "0.5",
                           "--no-baseline", "--no-normalise", "--per-sample", "--out", out});
  REQUIRE_MESSAGE(done.status == 0, done.err);
  CHECK(has(done.out, "4 transitions, return_to_go for Ψ"));
  const TensorFile file = TensorFile::load(out);
  CHECK(file.metadata().at("gamma") == "0.5");
  CHECK(file.values<double>("psi") == std::vector<double>{1.75, 1.5, 1, 1});
  const auto mean = file.values<double>("policy.4.bias"), each = file.values<double>("per_sample.policy.4.bias");
  const auto log_prob = file.values<double>("log_prob"), psi = file.values<double>("psi");
  REQUIRE(each.size() == 8);
  const int actions[] = {1, 0, 0, 1};
  for (std::size_t a = 0; a < 2; ++a) {
    double sum = 0;
    for (std::size_t t = 0; t < 4; ++t) {
      sum += each[2 * t + a] / 4;
      const double chosen = std::exp(log_prob[t]);
      const double score = actions[t] == static_cast<int>(a) ? 1 - chosen : -(1 - chosen);
      CHECK(each[2 * t + a] == doctest::Approx(psi[t] * score).epsilon(1e-10));
    }
    CHECK(mean[a] == doctest::Approx(sum).epsilon(1e-12));
  }

  std::vector<std::string> weighted;
  for (const std::string& row : rows) weighted.push_back(row + ",2.5");
  spit(made().folder / "weighted.csv", table(header + std::string(",weight"), weighted));
  REQUIRE(grad({"compute", made().run, "--data", "weighted.csv", "--estimator", "weight", "--out", out}).status == 0);
  const TensorFile own = TensorFile::load(out);
  CHECK(own.values<double>("psi") == std::vector<double>(4, 2.5));
  CHECK(!own.contains("per_sample.policy.4.bias"));
}

TEST_CASE("bad tables are refused in one line that says where") {
  const auto refused = [&](const std::string& text, const Words& parts, const Words& more = {}) {
    spit(made().folder / "bad.csv", text);
    check_refused(grad(Words{"compute", made().run, "--data", "bad.csv", "--out", "x.safetensors"} + more), parts);
    CHECK(!fs::exists(made().folder / "x.safetensors"));
  };
  const auto with = [&](const std::string& row) { return table(header, {rows[0], row}); };
  refused(table(header, {}), {"bad.csv: it holds no transitions"});
  refused(table("obs_0,obs_1,obs_2,action,reward,terminated,truncated", {}), {"it has no column \"obs_3\""});
  refused(table(header + std::string(",rewrad"), {rows[0] + ",1"}),
          {"no column \"rewrad\"", "did you mean \"reward\""});
  refused(with("0.1,0,oops,0,1,1,1,0"), {"bad.csv:3: obs_2 is no finite number"});
  refused(with("0.1,0,0,0,2,1,1,0"), {"bad.csv:3: action is 2, and CartPole-v1 has 2", "write 0 to 1"});
  refused(with("0.1,0,0,0,0.5,1,1,0"), {"bad.csv:3: action is 0.5"});
  refused(with("0.1,0,0,0,1,1,7,0"), {"bad.csv:3: terminated is 7"});
  refused(with("0.1,0,0,0,1,1,0,0"), {"bad.csv:3: the episode is cut here", "next_obs_0"});
  refused(table(header, rows), {"--estimator: there is no \"gea\"", "did you mean \"gae\""}, {"--estimator", "gea"});
  refused(table(header, rows), {"it has no column \"weight\""}, {"--estimator", "weight"});
  check_refused(grad({"compute", made().run, "--data", "absent.csv"}), {"absent.csv"});
  check_refused(grad({"compute", made().run, "--data", "bad.csv", "--out", "no/folder/g.safetensors"}), {"no/folder"});
}

TEST_CASE("check judges by name, and says the worst entry") {
  const Ended fine =
      grad({"check", "softmax", "linear+relu", "gaussian:learned/log_std", "a2c-cartpole", "--entries", "5"});
  CHECK_MESSAGE(fine.status == 0, fine.out);
  CHECK(has(fine.out, "a2c-cartpole, critic"));
  CHECK(has(fine.out, "the worst entry of all is "));
  CHECK(has(fine.out, "5 of 5 agree"));
  const Ended strict = grad({"check", "softmax", "--tolerance", "1e-300"});
  CHECK(strict.status == 1);
  CHECK(has(strict.out, "WRONG"));
  check_refused(grad({"check", "sofmax"}), {"did you mean \"softmax\""});
  check_refused(grad({"check", "softmax", "--backend", "abacus"}), {"abacus"});
}

TEST_CASE("curvature prints spectra and angles, and leaves their picture") {
  const Ended seen = grad({"curvature", made().run, "--sampled", "3", "--eigenvalues", "4", "--damping", "1,0.01"});
  REQUIRE_MESSAGE(seen.status == 0, seen.err);
  for (const char* part : {"true Fisher", "empirical Fisher", "Hessian of the surrogate", "of the gradient",
                           "natural gradient turns by", "°", "0.01"})
    CHECK_MESSAGE(has(seen.out, part), part);
  CHECK(has(slurp(made().run + "/curvature.svg"), "true Fisher"));
  CHECK(has(slurp(made().run + "/curvature.png"), "PNG"));
  check_refused(grad({"curvature", made().run, "--steps", "2"}), {"fewer steps than eigenvalues"});
}

TEST_CASE("landscape leaves pictures and numbers, the policy's own point among them") {
  const Ended drawn =
      grad({"landscape", made().run, "--points", "2", "--sampled", "3", "--episodes", "10", "--random", "1"});
  REQUIRE_MESSAGE(drawn.status == 0, drawn.err);
  for (const char* line : {"gradient", "natural gradient", "random 1"}) CHECK(has(drawn.out, line));
  CHECK(has(slurp(made().run + "/landscape.svg"), "True return"));
  CHECK(has(slurp(made().run + "/landscape.png"), "PNG"));
  const auto csv = pigrad::app::read_csv(made().run + "/landscape.csv");
  CHECK(csv.rows == 15);
  for (std::size_t i = 0; i < csv.rows; ++i) {
    if (csv.at("step")[i] != 0) {
      // Of random directions, which must go far to change anything, the second order says little.
      if (i < 10) CHECK(csv.at("kl")[i] == doctest::Approx(0.5 * csv.at("step")[i] * csv.at("step")[i]).epsilon(0.5));
      continue;
    }
    CHECK(std::abs(csv.at("surrogate")[i]) < 1e-12);
    CHECK(csv.at("mean_return")[i] == csv.at("mean_return")[2]);
  }
}

TEST_CASE("a measured run learns what a plain one does, goes on after a kill, and says what it saw") {
  const Folder folder;
  const std::string plain = folder / "plain", measured = folder / "measured", killed = folder / "killed";
  REQUIRE(call(folder, short_run(plain) + Words{"--quiet"}).status == 0);
  const Ended whole = call(folder, short_run(measured) + Words{"--grad-metrics=2"});
  REQUIRE_MESSAGE(whole.status == 0, whole.err);
  CHECK(has(whole.out, "gradients measured in 6 updates"));
  const auto a = pigrad::app::read_csv(plain + "/metrics.csv"), b = pigrad::app::read_csv(measured + "/metrics.csv");
  for (const std::string& column : a.columns) {
    if (column.rfind("time/", 0) == 0) continue;
    for (std::size_t i = 0; i < a.rows; ++i)
      CHECK_MESSAGE((a.at(column)[i] == b.at(column)[i] || std::isnan(a.at(column)[i])), column);
  }
  for (std::size_t i = 0; i < b.rows; ++i) CHECK(std::isfinite(b.at("grad/actor/all/norm")[i]) == (i % 2 == 0));
  const TensorFile mine = TensorFile::load(plain + "/last.safetensors"),
                   theirs = TensorFile::load(measured + "/last.safetensors");
  for (const auto& entry : mine.entries())
    if (entry.dtype == pigrad::Dtype::f32) CHECK(mine.values<float>(entry.name) == theirs.values<float>(entry.name));

  Process process(folder, short_run(killed) + Words{"--quiet", "--grad-metrics=2", "--set", "epochs=12"});
  for (int i = 0; i < 500 && !fs::exists(killed + "/epoch-6.safetensors"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.signal(SIGKILL);
  process.wait();
  REQUIRE(call(folder, {"train", "--resume", killed, "--quiet"}).status == 0);
  const auto c = pigrad::app::read_csv(killed + "/metrics.csv");
  REQUIRE(c.rows == b.rows);
  for (const std::string& column : b.columns)
    for (std::size_t i = 0; column.rfind("time/", 0) != 0 && i < b.rows; ++i)
      CHECK_MESSAGE((c.at(column)[i] == b.at(column)[i] || std::isnan(b.at(column)[i])), column);
  check_refused(call(folder, {"train", "a2c-cartpole", "--grad-metrics=0"}), {"grad-metrics"});
}
