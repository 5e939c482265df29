#include <pigrad/rl/state.hpp>
#include <sstream>

#include "program.hpp"

using namespace pigrad_test;

namespace {

/// One line on standard error, `pigrad: where: what; cure`, exit status 2, and nothing on standard output.
void check_refused(const Ended& ended, const Words& parts) {
  CAPTURE(ended.err);
  CHECK(ended.status == 2);
  CHECK(ended.err.rfind("pigrad: ", 0) == 0);
  CHECK(lines(ended.err) == 1);
  CHECK(ended.err.find(": ", 8) < ended.err.find("; "));
  CHECK(has(ended.err, "; "));
  for (const std::string& part : parts) CHECK_MESSAGE(has(ended.err, part), part);
}

struct Case {
  std::string words;  ///< after `pigrad `, between blanks
  Words parts;
};

Words split(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

/// A small run that has been trained, and its last checkpoint's bytes.
struct Trained {
  Folder folder;
  std::string run = folder / "run", last;
  Trained() {
    REQUIRE(call(folder, short_run(run) + Words{"--quiet", "--set", "epochs=3"}).status == 0);
    last = slurp(run + "/last.safetensors");
  }
};

const Trained& trained() {
  static const Trained made;
  return made;
}

/// The checkpoint with one thing changed through State, whole and with its checksum right.
template <class Change>
void save_changed(const std::string& path, Change change) {
  pigrad::State state = pigrad::State::load(trained().run + "/last.safetensors");
  change(state);
  state.save(path);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  REQUIRE(from.size() == to.size());
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("what is asked for wrongly is refused in one line before any folder is made") {
  const Folder folder;
  const std::string a2c = "train a2c-cartpole --set ";
  const std::vector<Case> cases = {
      {"train", {"no recipe is named", "pigrad list recipes"}},
      {"train a2c-cartpol", {"there is no such recipe", "did you mean \"a2c-cartpole\"?"}},
      {"train a2c-cartpole --variant sauce", {"has no variant 'sauce'", "recommended, source"}},
      {"train none.yaml", {"none.yaml", "cannot be opened"}},
      {"sweep a2c-cartpole --grid gamma=0.9 --grid gamma=0.8", {"there is an axis gamma already", "in one --grid"}},
      {"train a2c-cartpole --seed -1", {"--seed", "\"-1\" is no whole number"}},
      {"train a2c-cartpole --seed 99999999999999999999", {"--seed", "is no whole number"}},
      {"train a2c-cartpole --threads 0", {"--threads", "from 1 to"}},
      {a2c + "gama=0.9", {"there is no setting \"gama\"", "did you mean \"gamma\""}},
      {a2c + "policy=3", {"is a group of settings", "policy.network.…, policy.distribution", "policy.optimiser.…"}},
      {a2c + "gamma", {"--set", "\"gamma\" is no key=VALUE: write --set gamma=VALUE"}},
      {a2c + "gamma 0.9", {"--set", "\"gamma\" is no key=VALUE: write --set gamma=VALUE"}},
      {"sweep a2c-cartpole --grid gamma 0.9,0.99", {"--grid", "write --grid gamma=VALUES"}},
      {a2c + "epochs=99999999999", {"epochs = \"99999999999\" is too large", "a whole number at least 1"}},
      {a2c + "epochs=1.5", {"epochs = \"1.5\" is no such number"}},
      {a2c + "epochs=many", {"epochs = \"many\" is no such number", "a whole number at least 1"}},
      {a2c + "reset_each_epoch=maybe", {"reset_each_epoch", "true or false"}},
      {a2c + "gamma=1.5", {"gamma = \"1.5\" is out of range", "in [0, 1]"}},
      {a2c + "gamma=nan", {"gamma"}},
      {a2c + "policy.optimiser.learning_rate=-0.1", {"learning_rate = \"-0.1\" is out of range"}},
      {a2c + "policy.optimiser.learning_rate=inf", {"policy.optimiser.learning_rate: ", "finite"}},
      {a2c + "critic.optimiser.beta1=1", {"critic.optimiser.beta1: ", "in [0, 1)"}},
      {a2c + "policy.network.hidden=64,0", {"policy.network.hidden = \"64,0\"", "each at least 1"}},
      {a2c + "policy.initial_spread=inf --set environment=Pendulum-v1 --set policy.distribution=gaussian",
       {"policy.initial_spread: ", "finite"}},
      {a2c + "minibatch=4001", {"minibatch", "at most 4000"}},
      {a2c + "minibatch=1 --set steps=1", {"advantage.normalise", "1 row", "raise steps or copies"}},
      {a2c + "environment=Target-v0",
       {"policy.distribution: ", "categorical", "Target-v0", "continuous", "use gaussian"}},
      {a2c + "policy.distribution=gaussian", {"gaussian", "CartPole-v1", "discrete", "use categorical"}},
      {a2c + "environment=CartPole-v2", {"no environment \"CartPole-v2\"", "did you mean \"CartPole-v"}},
      {a2c + "algorithm=ppp", {"algorithm", "there is no 'ppp'", "a2c, reinforce"}},
      {a2c + "policy.distribution=beta", {"\"beta\" is no choice", "categorical, gaussian"}},
      {a2c + "policy.network.activation=tahn", {"did you mean \"tanh\"?"}},
      {a2c + "policy.network.initial_weights=ortho",
       {"policy.network.initial_weights: ", "\"ortho\" is unknown", "orthogonal"}},
      {a2c + "policy.optimiser.schedule=liner", {"policy.optimiser.schedule: ", "\"liner\" is unknown", "linear"}},
      {a2c + "critic.network.initial_output=constant", {"critic.network.initial_output: ", "with 0 arguments"}},
      {"train ppo-cartpole --set ppo.clip_schedule=liner", {"ppo.clip_schedule: ", "\"liner\" is unknown"}},
      {a2c + "policy.optimiser.name=adm", {"did you mean \"adam\"?"}},
      {a2c + "advantage.estimator=gea", {"did you mean \"gae\"?"}},
      {"train reinforce-cartpole --set advantage.estimator=gae", {"needs V(s)", "no critic"}},
      {"train reinforce-cartpole --set boundary.edge=bootstrap", {"boundary.edge", "no critic", "use drop"}},
      {"train a2c-cartpole --out /proc/pigrad", {"/proc/pigrad", "cannot be made or written", "--out"}},
      {a2c + "steps=2000000000 --set scalar=float64 --set environment=Acrobot-v1 --set evaluate_episodes=300000000",
       {"steps: 2000000000 rows in a rollout", "GB, and there are", "lower steps"}},
      {a2c + "steps=2000000000 --set copies=9", {"steps", "18000000000 rows", "fewer than 2³¹"}},
      {a2c + "copies=1000000000 --set steps=2",
       {"copies", "1000000000 environments side by side", "at most 536870911"}},
      {a2c + "policy.network.hidden=1000000,1000000", {"policy.network.hidden: 1000008000002 parameters", "2³¹ − 1"}},
      {a2c + "ppo.clip=0.1", {"--set ppo.clip=0.1: it would change nothing: a2c does not read it", "read by ppo"}},
      {a2c + "policy.optimiser.momentum=0.9", {"would change nothing: policy.optimiser.name is adam", "leave it out"}},
      {"train reinforce-cartpole --set critic.kind=linear", {"reinforce does not read it", "read by a2c, vpg"}},
      {"sweep a2c-cartpole --set ppo.clip=0.1", {"--set ppo.clip=0.1", "a2c does not read it"}},
      {"sweep a2c-cartpole --grid ppo.passes=2,3", {"--grid ppo.passes=2", "a2c does not read it"}},
      {"ablate a2c-cartpole --set ppo.clip=0.1", {"--set ppo.clip=0.1", "a2c does not read it"}},
      {"train a2c-cartpole --live --quiet", {"--live", "leave out one of the two"}},
      {"train --resume nowhere", {"nowhere", "no such run"}},
      {"play a2c-cartpol", {"no such run", "did you mean \"a2c-cartpole\"?"}},
      {"eval a2c-cartpole", {"it is a recipe", "runs/a2c-cartpole-seed1", "pigrad train a2c-cartpole"}},
      {"play a2c-cartpole --out x.png", {"--out x.png", "ends in .gif"}},
      {"play a2c-cartpole --out none/x.gif", {"none/x.gif", "cannot be written (none: No such"}},
      {"results --out none/page.md", {"none/page.md", "cannot be written"}},
      {"results --published none.csv", {"none.csv", "cannot be opened"}},
      {"eval nowhere", {"nowhere", "no such run"}},
      {"eval /etc/passwd", {"/etc/passwd"}},
      {"eval x --episodes 0", {"--episodes", "whole number from 1"}},
      {"trace CartPole-v1 --actions none", {"none", "cannot be opened"}},
      {"trace CartPole-v1 --actions none --state 0,x,0,0", {"--state 0,x,0,0: \"x\" is no finite number"}},
      {"trace CartPole-v1 --actions none --state 0,nan,0,0", {"\"nan\" is no finite number"}},
      {"trace CartPole-v1 --actions none --state 0,,0,0", {"\"\" is no finite number"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.words);
    const Ended ended = call(folder, split(c.words));
    check_refused(ended, c.parts);
    CHECK(ended.out.empty());
    CHECK(!fs::exists(folder / "runs"));
  }
}

TEST_CASE("an empty name is no name") {
  const Folder folder;
  check_refused(call(folder, {"train", "a2c-cartpole", "--out", ""}), {"train: --out: it is empty"});
  check_refused(call(folder, {"train", "--resume", ""}), {"train: --resume: it is empty"});
  check_refused(call(folder, {"sweep", "a2c-cartpole", "--out", ""}), {"sweep: --out: it is empty"});
  check_refused(call(folder, {"eval", ""}), {"the run: its name is empty"});
  check_refused(call(folder, {"play", ""}), {"the run: its name is empty"});
}

TEST_CASE("a settings file's mistake is named by its line") {
  const Folder folder;
  spit(folder / "a.yaml", "gamma: 0.9\nepoch: 3\n");
  check_refused(call(folder, {"train", "a.yaml"}), {"a.yaml:2", "did you mean \"epochs\""});
  spit(folder / "b.yaml", "gamma: [0.9\n");
  check_refused(call(folder, {"train", "b.yaml"}), {"b.yaml:", "no YAML"});
  check_refused(call(folder, {"train", "a.yaml", "--variant", "source"}), {"--variant"});
}

TEST_CASE("resume goes with no other settings and no other folder") {
  const Folder folder;
  for (const Words& more : {Words{"--set", "epochs=9"}, Words{"--seed", "3"}, Words{"--variant", "source"},
                            Words{"--out", "x"}, Words{"--replace"}, Words{"a2c-cartpole"}, Words{"--gif-every", "2"}})
    check_refused(call(folder, Words{"train", "--resume", trained().run} + more), {"--resume", "leave out"});
}

TEST_CASE("a checkpoint that is not whole, not ours, of other settings or newer is refused") {
  const Folder folder;
  const std::string bad = folder / "bad.safetensors";
  const auto refused = [&](const Words& parts) {
    check_refused(call(folder, {"eval", bad}), parts);
    check_refused(call(folder, {"train", "--resume", bad}), parts);
  };
  const std::string& good = trained().last;
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{100}, good.size() / 2, good.size() - 1}) {
    spit(bad, good.substr(0, size));
    refused({bad, "give a safetensors file, whole"});
  }
  for (std::size_t at = good.size() - 17; at > good.size() / 2; at -= good.size() / 9) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 16);
    spit(bad, flipped);
    refused({bad, "do not fit its checksum"});
  }
  spit(bad, slurp(PIGRAD_GOLDEN_DIR "/optimisers.safetensors"));
  refused({bad, "it is no checkpoint of pigrad"});
  spit(bad, replaced(good, "\"pigrad_format\":\"1\"", "\"pigrad_format\":\"2\""));
  refused({bad, "its format is version 2", "or a newer one"});
  save_changed(bad, [](pigrad::State& s) {
    std::string settings = s.words("settings");
    const auto at = settings.find("[64, 32]");
    REQUIRE(at != std::string::npos);
    s.put("settings", settings.replace(at, 8, "[64, 16]"));
  });
  refused({"checkpoint", "policy.2.weight", "2048 numbers, not 1024"});
  save_changed(bad, [](pigrad::State& s) { s.put("settings", "gama: 1\n"); });
  refused({bad, "there is no setting \"gama\""});
}

TEST_CASE("a run whose rows are gone or fewer than its checkpoint knows is refused") {
  const Folder folder;
  const std::string run = folder / "run";
  fs::copy(trained().run, run);
  spit(run + "/metrics.csv", slurp(run + "/metrics.csv").substr(0, slurp(run + "/metrics.csv").find('\n') + 1));
  check_refused(call(folder, {"train", "--resume", run}), {"metrics.csv", "0 whole rows"});
  fs::remove(run + "/metrics.csv");
  check_refused(call(folder, {"train", "--resume", run}), {"metrics.csv", "it is missing", "hparams.yaml"});
  CHECK(slurp(run + "/last.safetensors") == trained().last);
}

TEST_CASE("a rollout in which no episode ends says what to change") {
  const Folder folder;
  const std::string words = "train reinforce-cartpole --quiet --out run --set steps=1 --set minibatch=0";
  const Ended ended = call(folder, split(words + " --set whole_episodes=false"));
  check_refused(ended, {"no episode ended in 1 steps", "raise steps"});
}

TEST_CASE(
    "a loss that is not finite stops before it moves a parameter, by its name, and leaves the last good checkpoint") {
  const Folder folder;
  const std::string run = folder / "run";
  const Ended ended = call(folder, short_run(run) + Words{"--quiet", "--set", "critic.optimiser.learning_rate=1e30"});
  check_refused(ended, {"epoch 1: ", "not finite: node", "(square) is inf", "operands there",
                        "nothing is learnt yet: change the settings"});
  CHECK(call(folder, {"eval", run, "--episodes", "2"}).status == 0);
  CHECK(!fs::exists(run + "/summary.json"));
  for (const auto& entry : fs::directory_iterator(run)) CHECK(!has(entry.path().string(), ".writing"));
}

TEST_CASE("a full disk is said, and what was whole stays whole") {
  const Folder folder;
  const std::string run = folder / "run";
  check_refused(Process(folder, short_run(run) + Words{"--quiet"}, 20000).wait(), {"last.safetensors", "with room"});
  CHECK(!fs::exists(run + "/last.safetensors"));
  CHECK(call(folder, {"train", "--resume", run, "--quiet"}).status == 0);
  CHECK(std::system((PIGRAD_PROGRAM " list > /dev/full 2> " + (folder / "said")).c_str()) != 0);
  CHECK(has(slurp(folder / "said"), "pigrad: standard output: it cannot be written; "));
}

TEST_CASE("a disk that fills while a run trains leaves its last checkpoint, and says how to go on") {
  const Folder folder;
  const std::string run = folder / "run";
  Words words = short_run(run);
  words = words + Words{"--quiet", "--set", "epochs=4000", "--set", "environment=Bandit-v0"};
  // Checkpoints of this size fit; the table of episodes grows beyond it.
  const std::size_t size = trained().last.size() + 40000;
  check_refused(Process(folder, words, size).wait(), {"episodes.csv", "File too large", "then go on from epoch ",
                                                      "pigrad train --resume " + run + " --threads 1"});
  CHECK(call(folder, {"eval", run, "--episodes", "2"}).status == 0);
  CHECK(!fs::exists(run + "/summary.json"));
}

TEST_CASE("who stops reading the output stops no run") {
  const Folder folder;
  const auto status = [&](const std::string& words, const std::string& how) {
    const std::string line =
        "cd " + folder.path() + " && ( " PIGRAD_PROGRAM " " + words + "; echo $? > status ) 2> said " + how;
    static_cast<void>(std::system(line.c_str()));
    return slurp(folder / "status");
  };
  std::string words;
  for (const std::string& word : short_run("piped")) words += word + " ";
  CHECK(status(words, "| true") == "0\n");
  CHECK(slurp(folder / "said").empty());
  CHECK(fs::exists(folder / "piped/summary.json"));
  CHECK(status("list settings", "| true") == "0\n");
  CHECK(slurp(folder / "said").empty());
  words.replace(words.find("piped"), 5, "close");
  CHECK(status(words, ">&-") == "0\n");
  check_same_run(folder / "piped", folder / "close");
}

TEST_CASE("what a file sets without effect is said once, and trains") {
  const Folder folder;
  spit(folder / "a.yaml",
       "algorithm: reinforce\nadvantage.estimator: return_to_go\nadvantage.baseline: false\n"
       "boundary.truncation: terminate\nboundary.edge: drop\nepochs: 1\nppo.passes: 3\ncritic.kind: linear\n");
  const Ended ended = call(folder, {"train", "a.yaml", "--out", "a"});
  CAPTURE(ended.err);
  CHECK(ended.status == 0);
  CHECK(has(ended.out, "set, but without effect here: critic.kind, ppo.passes (reinforce does not read it"));
  CHECK(!has(call(folder, short_run("run") + Words{"--set", "epochs=1"}).out, "without effect"));
  // What one algorithm of a grid reads is no mistake.
  const Words grid = {"sweep",   "ppo-cartpole",
                      "--seeds", "1",
                      "--set",   "ppo.clip=0.1",
                      "--set",   "epochs=1",
                      "--set",   "minibatch=0",
                      "--grid",  "algorithm=a2c-joint,ppo",
                      "--out",   "s",
                      "--quiet"};
  CHECK(call(folder, grid).status == 0);
}
