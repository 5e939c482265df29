#include <pigrad/app/film.hpp>
#include <pigrad/app/run_folder.hpp>

#include "gif_reader.hpp"
#include "program.hpp"

using namespace pigrad_test;

namespace {

/// A run that is trained once and played often.
struct Trained {
  Folder folder;
  std::string run = folder / "run";
  Ended ended = call(folder, short_run(run) + Words{"--gif-every", "5"});
};

const Trained& trained() {
  static const Trained made;
  return made;
}

int longest(const Gif& gif) {
  int longest = 0;
  for (const Gif::Frame& frame : gif.frames) longest = std::max(longest, frame.delay);
  return longest;
}

}  // namespace

TEST_CASE("play shows the episodes that an evaluation counts") {
  REQUIRE(trained().ended.status == 0);
  const auto environments = pigrad::Registry::builtin();
  for (const char* file : {"last", "best"}) {
    const auto loaded = pigrad::app::load_checkpoint(trained().run + "/" + file + ".safetensors", environments);
    for (const bool greedy : {true, false}) {
      pigrad::app::FilmOptions options;
      options.episodes = 9;
      options.greedy = greedy;
      const auto film = pigrad::app::film(*loaded.algorithm, "t", options);
      const auto counted = loaded.algorithm->evaluate(9, greedy, 2);
      REQUIRE(film.episodes.size() == 9);
      double sum = 0;
      for (const auto& episode : film.episodes) {
        CHECK(episode.front().step == 0);
        CHECK(episode.front().action.empty());
        CHECK(episode.back().terminated != episode.back().truncated);
        CHECK(episode.back().step == static_cast<int>(episode.size()) - 1);
        for (std::size_t t = 1; t < episode.size(); ++t) {
          CHECK(episode[t].action.size() == 1);
          CHECK(episode[t].observation != episode[t - 1].observation);
        }
        sum += episode.back().total;
      }
      CHECK(sum / 9 == doctest::Approx(counted.mean));
    }
    pigrad::app::FilmOptions cut;
    cut.most_steps = 4;
    const auto film = pigrad::app::film(*loaded.algorithm, "t", cut);
    CHECK(film.episodes[0].size() == 5);
    cut.seed = 77;
    CHECK(pigrad::app::film(*loaded.algorithm, "t", cut).episodes[0][0].observation != film.episodes[0][0].observation);
  }
}

TEST_CASE("play leaves a picture beside the checkpoint, the same bytes each time") {
  const Folder folder;
  const Ended ended = call(folder, {"play", trained().run});
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  const std::string path = trained().run + "/play.gif", bytes = slurp(path);
  CHECK(has(ended.out, path + ": greedy actions, "));
  const Gif gif(bytes);
  CHECK(gif.width == 480);
  CHECK(gif.forever);
  CHECK(gif.frames.size() > 5);
  CHECK(longest(gif) > 50);  // the end is held
  REQUIRE(call(folder, {"play", trained().run, "--out", "again.gif"}).status == 0);
  CHECK(slurp(folder / "again.gif") == bytes);
  REQUIRE(call(folder, {"play", trained().run, "--out", "more.gif", "--episodes", "3"}).status == 0);
  CHECK(Gif(slurp(folder / "more.gif")).frames.size() > 2 * gif.frames.size());
  REQUIRE(call(folder, {"play", trained().run, "--out", "short.gif", "--steps", "4", "--fps", "50"}).status == 0);
  CHECK(Gif(slurp(folder / "short.gif")).frames.size() == 5);
  REQUIRE(call(folder, {"play", trained().run, "--out", "sampled.gif", "--sampled"}).status == 0);
  REQUIRE(call(folder, {"play", trained().run, "--out", "other.gif", "--seed", "5"}).status == 0);
  CHECK(slurp(folder / "sampled.gif") != bytes);
  CHECK(slurp(folder / "other.gif") != bytes);
}

TEST_CASE("each kept checkpoint of a run is shown beside the others, and so are several runs") {
  const Folder folder;
  const Ended each = call(folder, {"play", trained().run, "--each", "--out", "each.gif"});
  CHECK(each.status == 0);
  CHECK(has(each.out, "epoch-9.safetensors"));
  CHECK(has(each.out, "epoch-12.safetensors"));
  CHECK(Gif(slurp(folder / "each.gif")).width == 2 * 360);
  Words nine = {"play"};
  for (int i = 0; i < 9; ++i) nine.push_back(trained().run);
  REQUIRE(call(folder, nine + Words{"--out", "nine.gif", "--steps", "3"}).status == 0);
  const Gif gif(slurp(folder / "nine.gif"));
  CHECK(gif.width == 3 * 270);
  CHECK(gif.height % 3 == 0);
}

TEST_CASE("one checkpoint file alone can be played and evaluated") {
  const Folder folder;
  fs::copy(trained().run + "/best.safetensors", folder / "alone.safetensors");
  CHECK(call(folder, {"eval", "alone.safetensors", "--episodes", "3"}).status == 0);
  REQUIRE(call(folder, {"play", "alone.safetensors"}).status == 0);
  CHECK(Gif(slurp(folder / "alone.gif")).frames.size() > 3);
}

TEST_CASE("a recipe is shown by its newest run, or as it starts") {
  const Folder folder;
  const Ended start = call(folder, {"play", "a2c-cartpole", "--steps", "5"});
  CHECK(start.status == 0);
  CHECK(has(start.out, "untrained"));
  CHECK(fs::exists(folder / "a2c-cartpole.gif"));
  fs::create_directories(folder / "runs");
  for (const char* name : {"runs/a2c-cartpole-seed1", "runs/a2c-cartpole-seed2"})
    fs::copy(trained().run, folder / name, fs::copy_options::recursive);
  fs::last_write_time(folder / "runs/a2c-cartpole-seed1/last.safetensors", fs::file_time_type::clock::now());
  fs::last_write_time(folder / "runs/a2c-cartpole-seed2/last.safetensors",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  const Ended newest = call(folder, {"play", "a2c-cartpole", "--steps", "5"});
  CHECK(has(newest.out, "its newest run, runs/a2c-cartpole-seed1\n"));
  CHECK(fs::exists(folder / "runs/a2c-cartpole-seed1/play.gif"));
}

TEST_CASE("training leaves animations on the way, those that play makes of the same checkpoint") {
  CHECK(fs::exists(trained().run + "/epoch-5.gif"));
  CHECK(fs::exists(trained().run + "/epoch-10.gif"));
  CHECK(!fs::exists(trained().run + "/epoch-12.gif"));
  const Folder folder;
  REQUIRE(call(folder, short_run("quiet") + Words{"--quiet"}).status == 0);
  check_same_run(folder / "quiet", trained().run);
  REQUIRE(call(folder, short_run("few") + Words{"--set", "epochs=3", "--gif-every", "3", "--quiet"}).status == 0);
  REQUIRE(call(folder, {"play", "few", "--out", "again.gif"}).status == 0);
  CHECK(slurp(folder / "again.gif") == slurp(folder / "few/epoch-3.gif"));
}

TEST_CASE("environments without a limit of their own can be watched") {
  const auto environments = pigrad::Registry::builtin();
  for (const auto& [environment, distribution] :
       {std::pair("Bandit-v0", "categorical"), std::pair("Target-v0", "gaussian")}) {
    pigrad::TrainSettings settings;
    settings.environment = environment;
    settings.policy.distribution.name = distribution;
    settings.steps = 8;
    const auto algorithm = pigrad::make_algorithm(settings, environments);
    const auto film = pigrad::app::film(*algorithm, "t", {.episodes = 3});
    REQUIRE(film.episodes.size() == 3);
    for (const auto& episode : film.episodes) CHECK(episode.size() == 2);
    CHECK(Gif(pigrad::app::draw_films({film}, {})).frames.size() > 3);
  }
}

TEST_CASE("what cannot be played is refused in one line") {
  const Folder folder;
  const auto refused = [&](const Words& words, const std::string& part) {
    const Ended ended = call(folder, Words{"play"} + words);
    CAPTURE(ended.err);
    CHECK(ended.status == 2);
    CHECK(lines(ended.err) == 1);
    CHECK(has(ended.err, part));
  };
  spit(folder / "broken.safetensors", "no checkpoint");
  refused({"nothing-there"}, "no such run or checkpoint");
  refused({"broken.safetensors"}, "broken.safetensors");
  refused({trained().run, "--fps", "0"}, "--fps");
  refused({trained().run, "--episodes", "1000", "--out", "x.gif"}, "frames");
  refused({trained().run, "--out", "missing/x.gif"}, "missing/x.gif");
  refused(Words(65, trained().run) + Words{"--steps", "1"}, "from 1 to 64");
  CHECK(!fs::exists(folder / "x.gif"));
}
