#include "yaml.hpp"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "../core/error.hpp"

namespace pigrad::app {
namespace {

/// Where the documents of a text begin.
class Beginnings : public YAML::EventHandler {
 public:
  std::vector<YAML::Mark> marks;

  void OnDocumentStart(const YAML::Mark& mark) override { marks.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

}  // namespace

YAML::Node read_yaml(const std::string& text, const std::string& name) {
  const auto where = [&](std::ptrdiff_t line) { return name + ":" + std::to_string(line + 1); };
  const char* const cure = "write `key: value`, one a line";
  // The parser takes a byte 0 for the end of the text, and then waits for it without end.
  if (const auto zero = std::find(text.begin(), text.end(), '\0'); zero != text.end())
    throw Error(where(std::count(text.begin(), zero, '\n')), "a byte 0 stands here, so this is no text", cure);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Beginnings documents;
    const std::vector<YAML::Mark>& marks = documents.marks;
    // At a comma the parser finds empty documents without end.
    while (marks.size() < 2 && parser.HandleNextDocument(documents)) continue;
    if (marks.size() == 2 && marks[0].pos == marks[1].pos) throw Error(where(marks[0].line), "this is no YAML", cure);
    if (marks.size() == 2) throw Error(where(marks[1].line), "a second document begins", "keep one in a file");
    return YAML::Load(text);
  } catch (const YAML::Exception& fault) {
    throw Error(where(fault.mark.line), "this is no YAML (" + fault.msg + ")", cure);
  }
}

}  // namespace pigrad::app
