#include <sys/stat.h>

#include <pigrad/app/environments.hpp>
#include <pigrad/app/files.hpp>
#include <pigrad/app/run_folder.hpp>
#include <pigrad/core/error.hpp>
#include <pigrad/rl/state.hpp>

#include "program.hpp"

// Run folders and checkpoints that came from somebody else.

using namespace pigrad_test;

namespace {

/// A small run that has been trained.
struct Trained {
  Folder folder;
  std::string run = folder / "run";
  Trained() { REQUIRE(call(folder, short_run(run) + Words{"--quiet", "--set", "epochs=3"}).status == 0); }
};

const Trained& trained() {
  static const Trained made;
  return made;
}

void check_refused(const Ended& ended, const Words& parts) {
  CAPTURE(ended.err);
  CHECK(ended.status == 2);
  CHECK(lines(ended.err) == 1);
  for (const std::string& part : parts) CHECK_MESSAGE(has(ended.err, part), part);
}

/// The run's checkpoint with its settings' text or its arrays changed: whole, and with its checksum right.
template <class Change>
std::string refusal(Change change) {
  pigrad::State state = pigrad::State::load(trained().run + "/last.safetensors");
  change(state);
  try {
    pigrad::app::load_checkpoint(state, "given", pigrad::app::all_environments());
  } catch (const pigrad::Error& error) {
    return error.what();
  }
  return "it was taken";
}

std::string with_setting(const std::string& from, const std::string& to) {
  return refusal([&](pigrad::State& state) {
    std::string settings = state.words("settings");
    const auto at = settings.find(from);
    REQUIRE(at != std::string::npos);
    state.put("settings", settings.replace(at, from.size(), to));
  });
}

}  // namespace

TEST_CASE("networks and copies that the file has no numbers for are refused before they are made") {
  CHECK(has(with_setting("[64, 32]", "[20000, 20000]"), "given: its settings ask for 4"));
  CHECK(has(with_setting("[64, 32]", "[20000, 20000]"), "parameters in the policy, and it holds "));
  CHECK(has(with_setting("[64, 32]", "[2000000000, 2000000000]"), "parameters in the policy, and it holds "));
  CHECK(has(with_setting("copies: 1", "copies: 100000000"), "1e+08 environments side by side, and it holds"));
}

TEST_CASE("settings that would write to a terminal are refused") {
  CHECK(has(with_setting("recipe: a2c-cartpole", "recipe: \"\\x1b]0;owned\\x07\""), "recipe holds control characters"));
  CHECK(has(with_setting("recipe: a2c-cartpole", "recipe: \"a\\nb\""), "recipe holds control characters"));
}

TEST_CASE("settings that unfold without end are refused at once") {
  std::string yaml = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + "]\n";
  }
  CHECK(has(refusal([&](pigrad::State& s) { s.put("settings", yaml); }), "there is no setting \"a0\""));
  CHECK(has(refusal([](pigrad::State& s) { s.put("settings", std::string(100000, '[')); }), "this is no YAML"));
  CHECK(has(refusal([](pigrad::State& s) { s.put("settings", std::string(100000, '{')); }), "this is no YAML"));
}

TEST_CASE("counts that are none are refused") {
  const auto put = [](const char* name, std::vector<std::int64_t> values) {
    return refusal([=](pigrad::State& s) { s.put(name, values); });
  };
  CHECK(has(put("progress", {-1, 0}), "'progress' holds -1, which is no count"));
  CHECK(has(put("progress", {0, INT64_MAX}), "'progress' holds 9223372036854775807, which is no count"));
  CHECK(has(put("progress", {std::int64_t{1} << 40, 0}), "beyond 2³¹ rollouts"));
  CHECK(has(put("collector.steps", {-1}), "'collector.steps' holds -1"));
  CHECK(has(put("progress", {1}), "'progress' has 1 numbers, not 2"));
  CHECK(has(refusal([](pigrad::State& s) {
              auto env = s.doubles("env");
              env[4] = -1;
              s.put("env", env);
            }),
            "a counter in it is not one"));
}

TEST_CASE("a checkpoint holds no arrays of other kinds, and is an ordinary file of a size that memory holds") {
  const Folder folder;
  const std::string file = folder / "a.safetensors";
  const std::uint8_t bytes[] = {1, 2};
  pigrad::save_safetensors(file, {pigrad::tensor_view("x", {2}, bytes)}, {{"pigrad_format", "1"}});
  check_refused(call(folder, {"eval", file}), {file, "tensor \"x\" is U8"});
  for (const char* device : {"/dev/zero", "/proc/self/mem", "."}) CHECK(call(folder, {"eval", device}).status == 2);
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  check_refused(call(folder, {"eval", folder / "pipe"}), {"this is not an ordinary file"});
  const std::string sparse = folder / "sparse";
  spit(sparse, "");
  if (::truncate(sparse.c_str(), std::int64_t{1} << 43) == 0)
    check_refused(call(folder, {"eval", sparse}), {"8796093022208 bytes are more than this machine's memory"});
}

TEST_CASE("a link in a run folder that leads out of it is not followed") {
  const Folder folder;
  const std::string run = folder / "run";
  for (const char* name : {"last.safetensors", "metrics.csv", "episodes.csv", "hparams.yaml"}) {
    CAPTURE(name);
    fs::remove_all(run);
    fs::copy(trained().run, run);
    fs::rename(run + "/" + name, folder / name);
    fs::create_symlink(std::string("../") + name, run + "/" + name);
    const std::string before = slurp(folder / name);
    check_refused(call(folder, {"train", "--resume", run}), {name, "it is a link that leads out of the run folder"});
    CHECK(slurp(folder / name) == before);
    fs::remove(run + "/" + name);
    fs::create_symlink("nowhere", run + "/" + name);
    CHECK(call(folder, {"train", "--resume", run}).status == 2);
    CHECK(!fs::exists(run + "/nowhere"));
  }
  // One that stays inside is as good as a file, and so is a link to the whole folder.
  fs::remove_all(run);
  fs::copy(trained().run, run);
  fs::remove(run + "/last.safetensors");
  fs::create_symlink("best.safetensors", run + "/last.safetensors");
  CHECK(call(folder, {"eval", run, "--episodes", "1"}).status == 0);
  fs::create_directory_symlink("run", folder / "latest");
  CHECK(call(folder, {"eval", folder / "latest", "--episodes", "1"}).status == 0);
}

TEST_CASE("a link that stands where a file is to be written is replaced, not written through") {
  const Folder folder;
  const std::string victim = folder / "victim", file = folder / "file";
  spit(victim, "precious");
  fs::create_symlink(victim, file);
  fs::create_symlink(victim, file + ".writing-" + std::to_string(::getpid()));
  pigrad::app::write_text(file, "new");
  CHECK(slurp(victim) == "precious");
  CHECK(slurp(file) == "new");
  CHECK(!fs::is_symlink(file));
  // The run's own tables are never opened through a link.
  fs::create_symlink(victim, folder / "table");
  CHECK_THROWS_AS(pigrad::app::AppendFile::open(folder / "table", "the table", 0), pigrad::Error);
  CHECK_THROWS_AS(pigrad::app::AppendFile::create(folder / "table", "the table"), pigrad::Error);
  CHECK(slurp(victim) == "precious");
}
