#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <pigrad/app/csv.hpp>
#include <pigrad/app/files.hpp>
#include <pigrad/core/error.hpp>

using namespace pigrad;
using namespace pigrad::app;

namespace {

struct File {
  std::string folder = (std::filesystem::temp_directory_path() / "pigrad-csv-XXXXXX").string(), path;
  File() {
    if (::mkdtemp(folder.data()) != nullptr) path = folder + "/t.csv";
  }
  ~File() { std::filesystem::remove_all(folder); }
};

}  // namespace

TEST_CASE("rows are on disk as soon as they are written, with every digit") {
  const File file;
  CsvWriter writer(file.path, {"epoch", "rollout/ep_rew_mean", "note"});
  CHECK(read_text(file.path) == "epoch,rollout/ep_rew_mean,note\n");
  writer.row({1, 0.1 + 0.2, "plain"});
  CHECK(read_text(file.path) == "epoch,rollout/ep_rew_mean,note\n1,0.30000000000000004,plain\n");
  writer.row({std::int64_t{9007199254740993}, Cell(), "a,\"b\"\nc"});
  writer.row({3, std::numeric_limits<double>::quiet_NaN(), ""});
  CHECK(writer.rows() == 3);
  const CsvTable table = read_csv(file.path);
  CHECK(table.rows == 3);
  CHECK(table.at("epoch")[2] == 3);
  CHECK(table.at("rollout/ep_rew_mean")[0] == 0.1 + 0.2);
  CHECK(std::isnan(table.at("rollout/ep_rew_mean")[1]));
  CHECK_THROWS_WITH_AS(table.at("epch"), doctest::Contains("did you mean \"epoch\"?"), Error);
}

TEST_CASE("a writer refuses an old file, a folder that is missing, and rows of another width") {
  const File file;
  CHECK_THROWS_AS(CsvWriter(file.folder + "/none/t.csv", {"a"}), Error);
  CHECK_THROWS_AS(CsvWriter(file.path, {}), Error);
  CsvWriter writer(file.path, {"a", "b"});
  CHECK_THROWS_AS(CsvWriter(file.path, {"a", "b"}), Error);
  CHECK_THROWS_AS(writer.row({1}), Error);
  CHECK(writer.rows() == 0);
}

TEST_CASE("resuming cuts the file after row k, a torn last line with it, and goes on as if nothing had been") {
  const File file;
  const std::vector<std::string> columns{"epoch", "text"};
  {
    CsvWriter writer(file.path, columns);
    for (int i = 1; i <= 5; ++i) writer.row({i, "two\nlines"});
  }
  const std::string whole = read_text(file.path);
  write_text(file.path, whole + "6,\"to");
  CHECK(read_csv(file.path).rows == 5);
  {
    CsvWriter writer = CsvWriter::resume(file.path, columns, 3);
    CHECK(writer.rows() == 3);
    writer.row({4, "two\nlines"});
    writer.row({5, "two\nlines"});
  }
  CHECK(read_text(file.path) == whole);
  CHECK_THROWS_WITH_AS(CsvWriter::resume(file.path, columns, 6), doctest::Contains("5 whole rows"), Error);
  CHECK_THROWS_AS(CsvWriter::resume(file.path, {"epoch"}, 3), Error);
  CHECK(read_text(file.path) == whole);
  { CsvWriter writer = CsvWriter::resume(file.path, columns, 0); }
  CHECK(read_text(file.path) == "epoch,text\n");
}

TEST_CASE("a broken table is refused") {
  const File file;
  CHECK_THROWS_AS(read_csv(file.path), Error);
  write_text(file.path, "");
  CHECK_THROWS_AS(read_csv(file.path), Error);
  write_text(file.path, "a,b\n1\n");
  CHECK_THROWS_AS(read_csv(file.path), Error);
}
