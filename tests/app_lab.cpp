#include <pigrad/lab/experiment.hpp>

#include "program.hpp"

using namespace pigrad_test;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

// The document without what a clock or the number of threads says.
std::string timeless(const std::string& html) {
  std::string text;
  std::size_t begin = 0;
  for (auto end = html.find('\n'); end != std::string::npos; begin = end + 1, end = html.find('\n', begin)) {
    const std::string line = html.substr(begin, end - begin);
    if (!has(line, "made in") && !has(line, "<td>threads</td>") && !has(line, "Again: <code>")) text += line + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("lab list names every experiment; one of them prints its claims and leaves a picture") {
  const Folder folder;
  const Ended list = call(folder, {"lab", "list"});
  CHECK(list.status == 0);
  for (const auto& one : pigrad::lab::experiments()) CHECK(has(list.out, one.name));
  const Ended one = call(folder, {"lab", "baseline", "--effort", "0.05", "--out", "found"});
  CHECK(one.status == 0);
  CHECK(has(one.out, "A baseline fitted on other data does"));
  CHECK(has(one.out, "E[(Ψ − b(s)) ∇ ln π(a|s)]"));
  CHECK(has(one.out, "found/baseline.svg"));
  CHECK(has(one.out, "percent 100/100"));
  const std::string svg = slurp(folder / "found/baseline.svg");
  CHECK(has(svg, "Does it bias?"));
  CHECK(has(svg, "</svg>"));
  CHECK(fs::file_size(folder / "found/baseline.png") > 10000);
}

TEST_CASE("a claim that does not hold is said and ends with 1; words that make no sense with 2") {
  const Folder folder;
  const Ended broken = call(folder, {"lab", "baseline", "--effort", "0.05", "--control", "--out", "x"});
  CHECK(broken.status == 1);
  CHECK(has(broken.out, "NO "));
  const Ended unknown = call(folder, {"lab", "baselin"});
  CHECK(unknown.status == 2);
  CHECK(has(unknown.err, "lab: there is no experiment 'baselin'; did you mean \"baseline\"?"));
  CHECK(call(folder, {"lab"}).status == 2);
  CHECK(call(folder, {"lab", "baseline", "--effort", "0"}).status == 2);
  spit(folder / "file", "");
  const Ended unwritable = call(folder, {"lab", "baseline", "--out", "file/x"});
  CHECK(unwritable.status == 2);
  CHECK(lines(unwritable.err) == 1);
}

TEST_CASE("lab all makes one page that needs nothing else, the same with any number of threads") {
  const Folder folder;
  const Ended all = call(folder, {"lab", "all", "--effort", "0.1", "--threads", "1", "--out", "a"});
  CHECK(all.status == 0);
  CHECK(has(all.out, "a/report.html"));
  const std::string html = slurp(folder / "a/report.html");
  CHECK(html.starts_with("<!DOCTYPE html>"));
  const auto& experiments = pigrad::lab::experiments();
  CHECK(count(html, "<svg ") == experiments.size());
  for (const auto& one : experiments) {
    CHECK(has(html, std::string("<h2 id=\"") + one.name + "\">"));
    CHECK(has(html, std::string("pigrad lab ") + one.name));
  }
  // No address is loaded: the only one is the name of SVG's vocabulary.
  CHECK(count(html, "://") == count(html, "xmlns=\"http://www.w3.org/2000/svg\""));
  for (const char* outside : {"<script", "<img", "<link", "@import", "src="}) CHECK(!has(html, outside));
  // Clipping paths of different pictures have names of their own.
  for (auto at = html.find("<clipPath id=\""); at != std::string::npos; at = html.find("<clipPath id=\"", at + 1)) {
    const std::string id = html.substr(at + 14, html.find('"', at + 14) - at - 14);
    CHECK(count(html, "id=\"" + id + "\"") == 1);
  }
  CHECK(call(folder, {"lab", "all", "--effort", "0.1", "--threads", "3", "--out", "b", "--quiet"}).out.empty());
  CHECK(timeless(slurp(folder / "b/report.html")) == timeless(html));
}

TEST_CASE("truth: an estimator against the exact gradient, a run's against a reference") {
  const Folder folder;
  const Ended grid = call(
      folder, {"grad", "truth", "grid", "--estimator", "td_error", "--critic", "spoiled:0.1", "--episodes", "2000"});
  CHECK(grid.status == 0);
  CHECK(has(grid.out, "mean squared error"));
  CHECK(has(grid.out, "td_error, critic spoiled:0.1, 2000 estimates"));
  CHECK(call(folder, {"grad", "truth", "random", "--horizon", "5", "--estimator", "gae", "--episodes", "500"}).status ==
        0);
  CHECK(has(call(folder, {"grad", "truth", "grid", "--critic", "best"}).err,
            "give exact, learned:EPISODES or spoiled:ERROR"));
  CHECK(call(folder, {"grad", "truth", "grid", "--estimator", "no"}).status == 2);
  CHECK(call(folder, {"grad", "truth", "nowhere"}).status == 2);
  CHECK(call(folder, short_run("run")).status == 0);
  const Ended run = call(folder, {"grad", "truth", "run", "--steps", "20000"});
  CHECK(run.status == 0);
  CHECK(has(run.out, "cosine with the reference"));
}
