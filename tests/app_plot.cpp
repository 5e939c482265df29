#include <cairo.h>

#include <cstring>
#include <pigrad/app/csv_lines.hpp>
#include <pigrad/app/many/curves.hpp>
#include <pigrad/app/many/groups.hpp>
#include <pigrad/app/many/scores.hpp>
#include <pigrad/app/many/watch.hpp>
#include <pigrad/app/sheet.hpp>
#include <pigrad/core/error.hpp>

#include "program.hpp"

using namespace pigrad_test;
using namespace pigrad::app;
using Numbers = std::vector<double>;

namespace {

/// Every element is closed in the order in which it was opened.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (auto at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const auto end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1), name = tag.substr(0, tag.find(' '));
    if (tag.back() == '/') continue;
    if (tag[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty() && has(xml, "</svg>");
}

struct Size {
  int width, height;
};

/// Of a PNG file, as cairo reads it; nothing if it cannot.
Size png_size(const std::string& path) {
  cairo_surface_t* surface = cairo_image_surface_create_from_png(path.c_str());
  Size size{0, 0};
  if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
    size = {cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface)};
  cairo_surface_destroy(surface);
  return size;
}

/// A run's folder as train leaves it, with returns that rise by `slope` an epoch.
void make_run(const std::string& folder, const std::string& hparams, double slope, int epochs = 10) {
  fs::create_directories(folder);
  spit(folder + "/hparams.yaml", hparams);
  std::string csv = "epoch,rollout/ep_rew_mean,time/total_timesteps,time/time_elapsed\n";
  for (int i = 1; i <= epochs; ++i)
    csv += join_csv({std::to_string(i), std::to_string(slope * i), std::to_string(100 * i), std::to_string(0.5 * i)});
  spit(folder + "/metrics.csv", csv);
}

}  // namespace

TEST_CASE("a moving average looks back, and is shorter at the beginning") {
  CHECK(moving_average({1, 2, 6, 4}, 1) == Numbers{1, 2, 6, 4});
  CHECK(moving_average({1, 2, 6, 4}, 3) == Numbers{1, 1.5, 3, 4});
  CHECK(moving_average({}, 3).empty());
}

TEST_CASE("curves of the same places are summarised place by place") {
  const std::vector<Curve> curves = {{{1, 2}, {0, 10}}, {{1, 2}, {2, 20}}, {{1, 2}, {7, 60}}};
  const Series iqr = summary_series(curves, "iqr");
  CHECK(iqr.x == Numbers{1, 2});
  CHECK(iqr.y == Numbers{2, 20});
  CHECK(iqr.low == Numbers{1, 15});
  CHECK(iqr.high == Numbers{4.5, 40});
  const Series range = summary_series(curves, "minmax");
  CHECK(range.y == Numbers{3, 30});
  CHECK(range.low == Numbers{0, 10});
  CHECK(range.high == Numbers{7, 60});
  const Series deviation = summary_series(curves, "std");
  CHECK(deviation.high[0] == doctest::Approx(3 + std::sqrt(13.0)));
  CHECK(summary_series(curves, "none").low.empty());
  CHECK(summary_series({curves[0]}, "iqr").low.empty());
  const Series interval = summary_series(curves, "ci");
  CHECK(interval.y == Numbers{3, 30});
  CHECK(interval.low[0] >= 0);
  CHECK(interval.high[0] <= 7);
}

TEST_CASE("curves of other places are read off between their points, where all of them are") {
  const Series s = summary_series({{{0, 10}, {0, 10}}, {{2, 8}, {12, 18}}}, "none");
  REQUIRE(s.x.size() == 200);
  CHECK(s.x.front() == 2);
  CHECK(s.x.back() == 8);
  for (std::size_t i = 0; i < s.x.size(); ++i) CHECK(s.y[i] == doctest::Approx(s.x[i] + 5));
  // One that was cut short long before the others does not end the line.
  const Series cut = summary_series({{{0, 10}, {0, 0}}, {{0, 10.5}, {0, 0}}, {{0, 3}, {9, 9}}}, "none");
  CHECK(cut.x.back() == 10);
  CHECK(cut.y.back() == 0);
  CHECK(cut.y.front() == 3);
}

TEST_CASE("runs are found at any depth and grouped by what they differ in") {
  const Folder folder;
  make_run(folder / "s/a/seed1", "recipe: r\ngamma: 0.9\nseed: 1\nthreads: 2\n", 1);
  make_run(folder / "s/a/seed2", "recipe: r\ngamma: 0.9\nseed: 2\nevaluate_every: 3\n", 2);
  make_run(folder / "s/b/seed1", "recipe: r\ngamma: 0.99\nlambda: 0.5\nseed: 1\n", 3);
  const auto runs = find_runs({folder / "s", folder / "s/a"});
  REQUIRE(runs.size() == 3);
  const auto groups = group_runs(runs, {});
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].label == "gamma=0.9, lambda=0.97");
  CHECK(groups[0].runs.size() == 2);
  CHECK(group_runs(runs, {"gamma"})[1].label == "gamma=0.99");
  CHECK(group_runs(runs, {"seed"}).size() == 2);
  CHECK(group_runs({runs[0]}, {})[0].label == "r (recommended)");
  CHECK_THROWS_AS(group_runs(runs, {"gama"}), pigrad::Error);
  CHECK_THROWS_AS(find_runs({folder / "nowhere"}), pigrad::Error);
  fs::create_directory(folder / "empty");
  CHECK_THROWS_AS(find_runs({folder / "empty"}), pigrad::Error);
}

TEST_CASE("a variant's name stands for what it changes") {
  const Folder folder;
  make_run(folder / "a", "variant: source\ngamma: 0.9\nlambda: 0.5\nsteps: 10\n", 1);
  make_run(folder / "b", "gamma: 0.99\nlambda: 0.6\nsteps: 10\n", 1);
  make_run(folder / "c", "gamma: 0.99\nlambda: 0.6\nsteps: 20\n", 1);
  const auto runs = find_runs({folder.path()});
  CHECK(group_runs({runs[0], runs[1]}, {})[0].label == "variant=source");
  CHECK(group_runs(runs, {})[2].label == "variant=recommended, steps=20");
}

TEST_CASE("plot draws files that other programs open, and says what is on them") {
  const Folder folder;
  for (const char* seed : {"1", "2", "3"})
    for (const char* gamma : {"0.9", "0.99"})
      make_run(folder / ("sweep/" + std::string(gamma) + "/" + seed),
               "environment: CartPole-v1\ngamma: " + std::string(gamma) + "\nseed: " + seed + "\n",
               std::atof(seed) * std::atof(gamma));
  const Ended ended = call(folder, {"plot", "sweep"});
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(has(ended.out, "6 runs in 2 groups"));
  const std::string svg = slurp(folder / "sweep/plot.svg");
  CHECK(well_formed(svg));
  for (const char* part : {"gamma=0.9 (3 runs)", "gamma=0.99 (3 runs)", "environment steps", "best possible",
                           "line: median over runs", "CartPole-v1"})
    CHECK_MESSAGE(has(svg, part), part);
  CHECK(png_size(folder / "sweep/plot.png").width == 1800);

  const Words more = {"--x", "seconds", "--y", "time/total_timesteps", "--lines", "--smooth", "3", "--band", "ci"};
  REQUIRE(call(folder, Words{"plot", "sweep/0.9", "sweep/0.99/1", "--out", "x.svg"} + more).status == 0);
  const std::string other = slurp(folder / "x.svg");
  CHECK(well_formed(other));
  for (const char* part : {"seconds of training", "time/total_timesteps", "smoothed", "thin", "bootstrap"})
    CHECK_MESSAGE(has(other, part), part);
  CHECK(!fs::exists(folder / "x.png"));
  REQUIRE(call(folder, {"plot", "sweep/0.9/1", "sweep/0.9/2", "--by", "seed", "--x", "epochs"}).status == 0);
  CHECK(png_size(folder / "plot.png").height == 1080);
  CHECK(has(slurp(folder / "plot.svg"), "a line is a run"));
}

TEST_CASE("a picture of several environments names them, and its legend leaves nothing out without words") {
  const Folder folder;
  for (int i = 0; i < 30; ++i)
    make_run(folder / ("few/" + std::to_string(i)),
             std::string("environment: ") + (i % 2 ? "CartPole-v1" : "Acrobot-v1") +
                 "\nsteps: " + std::to_string(i + 1) + "\n",
             i);
  REQUIRE(call(folder, {"plot", "few", "--out", "few.svg"}).status == 0);
  const std::string few = slurp(folder / "few.svg");
  CHECK((has(few, ">Acrobot-v1 and CartPole-v1<") || has(few, ">CartPole-v1 and Acrobot-v1<")));
  CHECK(!has(few, "best possible"));
  for (int i = 0; i < 30; ++i) CHECK(has(few, "steps=" + std::to_string(i + 1) + " (1 run)"));

  for (int i = 0; i < 90; ++i)
    make_run(folder / ("many/" + std::to_string(i)), "steps: " + std::to_string(i + 1) + "\n", i);
  REQUIRE(call(folder, {"plot", "many", "--out", "many.svg"}).status == 0);
  const std::string many = slurp(folder / "many.svg");
  int shown = 0;
  for (auto at = many.find(" (1 run)"); at != std::string::npos; at = many.find(" (1 run)", at + 1)) ++shown;
  CHECK(shown > 40);
  CHECK(has(many, "… and " + std::to_string(90 - shown) + " more lines"));

  std::string title;
  for (int i = 0; i < 40; ++i) title += "word" + std::to_string(i) + " ";
  REQUIRE(call(folder, {"plot", "few/1", "--title", title + std::string(300, 'x'), "--out", "long.svg"}).status == 0);
  const std::string whole = slurp(folder / "long.svg"), svg = whole.substr(whole.find("</title>"));
  for (const char* part : {">word0 word1 ", "word39", "xxx…<"}) CHECK_MESSAGE(has(svg, part), part);
  CHECK(!has(svg, title));
}

TEST_CASE("a score's words say how many epochs there were") {
  ScoreChoice score;
  CHECK(score.words() == "mean return of the last ten epochs");
  score.note_run(20);
  CHECK(score.words() == "mean return of the last ten epochs");
  score.note_run(4);
  CHECK(score.words() == "mean return of the last ten epochs, or all of a shorter run");
  ScoreChoice few;
  few.note_run(4);
  CHECK(few.words() == "mean return of all 4 epochs");
  few.note_run(2);
  CHECK(few.words() == "mean return of all epochs");
  ScoreChoice one;
  one.epochs = 1;
  CHECK(one.words() == "mean return of the last epoch");
}

TEST_CASE("plot refuses in one line what there is not") {
  const Folder folder;
  make_run(folder / "run", "seed: 1\n", 1);
  const auto refused = [&](const Words& words, const char* part) {
    const Ended ended = call(folder, Words{"plot"} + words);
    CAPTURE(ended.err);
    CHECK(ended.status == 2);
    CHECK(lines(ended.err) == 1);
    CHECK(has(ended.err, part));
  };
  refused({}, "runs");
  refused({"nowhere"}, "there is no such folder");
  refused({"run", "--x", "step"}, "did you mean \"steps\"?");
  refused({"run", "--y", "rollout/ep_rew_men"}, "did you mean \"rollout/ep_rew_mean\"?");
  refused({"run", "--band", "st"}, "did you mean \"std\"?");
  refused({"run", "--by", "gama"}, "did you mean \"gamma\"?");
  refused({"run", "--smooth", "0"}, "--smooth");
  refused({"run", "--out", "/proc/x"}, "cannot be written");
}

TEST_CASE("an interval chart has a line for each row, whatever the data") {
  const Folder folder;
  IntervalChart chart;
  chart.title = "a < b & c";
  chart.subtitle = std::string(60, 'x') + " " + std::string(90, 'y') + " " + std::string(60, 'z');
  chart.x_label = "return";
  chart.rows = {{"one", {1, 2, 3}, 2, 1.5, 2.5, "2 (1.5–2.5)", 0},
                {"none", {}, std::nan(""), std::nan(""), std::nan(""), "—", 1},
                {"equal", {5, 5}, 5, 5, 5, "5", 2}};
  chart.references = {{4, "bar"}};
  write_sheet({{}, {chart}, {}}, folder.path(), "i");
  const std::string svg = slurp(folder / "i.svg");
  CHECK(well_formed(svg));
  for (const char* part : {">one<", ">none<", ">equal<", ">bar<", "2 (1.5–2.5)"}) CHECK_MESSAGE(has(svg, part), part);
  CHECK(!has(svg, "nan"));
  CHECK(png_size(folder / "i.png").height == std::lround(2 * chart.height()));
}

TEST_CASE("a run is watched while another process writes it, and when its rows are cut back") {
  const Folder folder;
  const std::string path = folder / "metrics.csv";
  Watch watch(path);
  watch.look();
  CHECK(watch.epochs() == 0);
  spit(path, "epoch,time/total_timesteps\n1,100\n2,2");
  watch.look();
  CHECK(watch.epochs() == 1);
  CHECK(watch.steps() == 100);
  spit(path, "epoch,time/total_timesteps\n1,100\n2,200\n3,300\n");
  watch.look();
  CHECK(watch.epochs() == 3);
  CHECK(watch.steps() == 300);
  spit(path, "epoch,time/total_timesteps\n1,100\n");
  watch.look();
  CHECK(watch.epochs() == 1);
  CHECK(watch.steps() == 100);
}
