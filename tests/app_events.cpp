#include <pigrad/app/event_file.hpp>
#include <pigrad/core/error.hpp>

#include "event_reader.hpp"
#include "program.hpp"

using namespace pigrad_test;
using pigrad::app::EventFile;

namespace {

void check_like_table(const std::string& run) {
  const auto table = pigrad::app::read_csv(run + "/metrics.csv");
  const Scalars scalars = scalars_in(run);
  CHECK(scalars.size() == table.columns.size() - 1);  // all but the number of the epoch
  for (const auto& entry : scalars) {
    const std::string& tag = entry.first;
    CAPTURE(tag);
    std::vector<std::pair<std::int64_t, float>> expected;
    for (std::size_t i = 0; i < table.rows; ++i)
      if (std::isfinite(table.at(tag)[i]))
        expected.emplace_back(static_cast<std::int64_t>(table.at("time/total_timesteps")[i]),
                              static_cast<float>(table.at(tag)[i]));
    CHECK(entry.second == expected);
  }
}

Words logged_run(const std::string& out) { return short_run(out) + Words{"--log", "csv,tensorboard"}; }

}  // namespace

TEST_CASE("records are guarded by the CRC-32C that everybody computes") {
  // The check value of CRC-32C, e3069283, turned.
  CHECK(pigrad::app::masked_crc32c("123456789") == ((0xe3069283u >> 15 | 0xe3069283u << 17) + 0xa282ead8u));
  CHECK(pigrad::app::masked_crc32c("") == record_crc(""));
  const std::string all = [] {
    std::string bytes;
    for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7);
    return bytes;
  }();
  CHECK(pigrad::app::masked_crc32c(all) == record_crc(all));
}

TEST_CASE("the decoder of these tests reads what TensorBoard wrote") {
  const auto events = events_in(PIGRAD_GOLDEN_DIR "/events.bin");
  REQUIRE(events.size() == 4);
  CHECK(events[0].version == "brain.Event:2");
  CHECK(events[1].step == 400);
  CHECK(events[1].wall_time == 1000.5);
  REQUIRE(events[1].scalars.size() == 3);
  CHECK(events[1].scalars[0] == std::pair<std::string, float>("rollout/ep_rew_mean", 401.5f));
  CHECK(events[1].scalars[1].first == "train/größe");
  CHECK(events[2].step == 300000000000);
  CHECK(events[3].session_start);
  CHECK(events[3].step == 401);
}

TEST_CASE("an event file holds version, session start and finite scalars") {
  const Folder folder;
  {
    EventFile first(folder.path(), 0);
    first.scalars(400, {{"a/b", 1.25}, {"größe", -1e-30}, {"none", std::nan("")}, {"more", INFINITY}});
    first.scalars(std::int64_t{1} << 40, {{"a/b", 7}});
    first.sync();
    EventFile second(folder.path(), 400);
    second.scalars(800, {{"a/b", 2}});
  }
  const auto files = event_files(folder.path());
  REQUIRE(files.size() == 2);
  const auto first = events_in(files[0]), second = events_in(files[1]);
  REQUIRE(first.size() == 3);
  CHECK(first[0].version == "brain.Event:2");
  CHECK(!first[1].session_start);
  CHECK(first[1].step == 400);
  CHECK(std::abs(first[1].wall_time - static_cast<double>(std::time(nullptr))) < 1000);
  CHECK(first[1].scalars == std::vector<std::pair<std::string, float>>{{"a/b", 1.25f}, {"größe", -1e-30f}});
  CHECK(first[2].step == std::int64_t{1} << 40);
  REQUIRE(second.size() == 3);
  CHECK(second[0].version == "brain.Event:2");
  CHECK(second[1].session_start);
  CHECK(second[1].step == 401);
  const Scalars kept = scalars_in(folder.path());
  CHECK(kept.at("a/b") == std::vector<std::pair<std::int64_t, float>>{{400, 1.25f}, {800, 2.f}});
  CHECK_THROWS_AS(EventFile(folder / "missing", 0), pigrad::Error);
}

TEST_CASE("a clock that was put back does not change the order of the files") {
  const Folder folder;
  spit(folder / "events.out.tfevents.9000000000.0041", "");
  EventFile file(folder.path(), 0);
  CHECK(event_files(folder.path()).back() == folder / "events.out.tfevents.9000000000.0042");
}

TEST_CASE("a run's event files hold what its table holds, and change nothing in it") {
  const Folder folder;
  REQUIRE(call(folder, logged_run("run")).status == 0);
  CHECK(event_files(folder / "run").size() == 1);
  check_like_table(folder / "run");
  REQUIRE(call(folder, short_run("plain") + Words{"--log", "csv"}).status == 0);
  CHECK(event_files(folder / "plain").empty());
  check_same_run(folder / "run", folder / "plain");
  const auto before = slurp(event_files(folder / "run")[0]);
  REQUIRE(call(folder, {"train", "--resume", folder / "run"}).status == 0);
  CHECK(event_files(folder / "run").size() == 1);
  CHECK(slurp(event_files(folder / "run")[0]) == before);
}

TEST_CASE("after kills and resumptions no step is there twice") {
  const Folder folder;
  const std::string run = folder / "run";
  Ended ended;
  std::size_t sessions = 0;
  for (int kills = 0; kills < 3; ++kills) {
    const bool begun = fs::exists(run + "/last.safetensors");
    if (!begun) fs::remove_all(run);
    Process process(folder, begun ? Words{"train", "--resume", run, "--threads", "1"} : logged_run(run));
    // Past its last checkpoint, so that the next session writes some steps again.
    const auto rows = [&] { return lines(slurp(run + "/metrics.csv")); };
    const auto enough = rows() + 5;
    for (int i = 0; i < 4000 && rows() < enough; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    process.signal(SIGKILL);
    ended = process.wait();
  }
  REQUIRE(call(folder, {"train", "--resume", run, "--threads", "1"}).status == 0);
  sessions = event_files(run).size();
  CHECK(sessions > 1);
  check_like_table(run);

  fs::remove(run + "/summary.json");
  REQUIRE(call(folder, {"train", "--resume", run + "/epoch-9.safetensors", "--threads", "1"}).status == 0);
  CHECK(event_files(run).size() == sessions + 1);
  check_like_table(run);
}

TEST_CASE("an unknown kind of log is refused by name, and so is another one on the way") {
  const Folder folder;
  const Ended unknown = call(folder, {"train", "a2c-cartpole", "--log", "csv,tensorbord"});
  CHECK(unknown.status == 2);
  CHECK(has(unknown.err, "tensorboard"));
  CHECK(lines(unknown.err) == 1);
  const Ended late = call(folder, {"train", "--resume", "x", "--log", "csv"});
  CHECK(late.status == 2);
  CHECK(has(late.err, "--log"));
}
