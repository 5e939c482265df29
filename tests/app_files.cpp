#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <pigrad/app/files.hpp>
#include <pigrad/core/error.hpp>

using namespace pigrad;
using namespace pigrad::app;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "pigrad-files-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

}  // namespace

TEST_CASE("text is written whole and leaves no other file") {
  const Folder folder;
  write_text(folder / "a.txt", "first");
  write_text(folder / "a.txt", "second\n");
  CHECK(read_text(folder / "a.txt") == "second\n");
  CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
  CHECK_THROWS_AS(write_text(folder / "none/a.txt", "x"), Error);
  CHECK_THROWS_AS(read_text(folder / "none.txt"), Error);
}

TEST_CASE("a run folder is made once, numbered, or replaced when told") {
  const Folder folder;
  const std::string run = folder / "runs/a2c";
  CHECK(make_run_folder(run + "/", IfThere::refuse) == run);
  CHECK_THROWS_AS(make_run_folder(run, IfThere::refuse), Error);
  CHECK(make_run_folder(run, IfThere::number) == run + "-2");
  CHECK(make_run_folder(run, IfThere::number) == run + "-3");

  write_text(run + "/hparams.yaml", "a: 1\n");
  write_text(run + "/metrics.csv", "x\n");
  CHECK(make_run_folder(run, IfThere::replace) == run);
  CHECK(fs::is_empty(run));
}

TEST_CASE("files that no run left are never deleted") {
  const Folder folder;
  const std::string precious = folder / "precious";
  fs::create_directory(precious);
  write_text(precious + "/thesis.tex", "x");
  CHECK_THROWS_AS(make_run_folder(precious, IfThere::replace), Error);
  CHECK(fs::exists(precious + "/thesis.tex"));
}

TEST_CASE("a folder that cannot be made says so with a cure") {
  const Folder folder;
  write_text(folder / "file", "x");
  CHECK_THROWS_AS(make_run_folder(folder / "file/run", IfThere::number), Error);
  CHECK_THROWS_AS(make_run_folder(folder / "file", IfThere::refuse), Error);
  CHECK_THROWS_AS(make_run_folder("", IfThere::number), Error);
  CHECK_THROWS_AS(make_run_folder("/proc/pigrad/run", IfThere::number), Error);
  if (::geteuid() != 0) {
    fs::create_directory(folder / "closed");
    fs::permissions(folder / "closed", fs::perms::owner_read | fs::perms::owner_exec);
    CHECK_THROWS_AS(make_run_folder(folder / "closed/run", IfThere::number), Error);
  }
}

TEST_CASE("names of run folders") {
  CHECK(run_folder_name("a2c-cartpole", 123) == "runs/a2c-cartpole-seed123");
  CHECK(run_folder_name("../my recipe.yaml", 1, "out") == "out/run..-my-recipe.yaml-seed1");
}
