#include <cmath>

#include "../table.hpp"
#include "../text.hpp"
#include "report.hpp"

namespace pigrad::app {
namespace {

std::string found(const lab::Claim& claim) {
  return std::isnan(claim.low) ? lab::digits(claim.value) : lab::digits(claim.value, claim.low, claim.high);
}

}  // namespace

std::string confidence_text(const lab::Claim& claim) {
  return claim.confidence < 1 ? six_digits(100 * claim.confidence) + " %" : "exact";
}

std::string page_text(const Page& page, int columns) {
  const lab::ExperimentResult& result = page.result;
  std::string text = std::string(page.experiment->name) + ": " + page.experiment->title + "\n\n";
  const auto paragraph = [&](const std::string& words) {
    for (const std::string& line : wrap(words, columns > 0 ? columns : 100)) text += line + "\n";
    text += "\n";
  };
  paragraph(result.question);
  for (const std::string& equation : result.equations) text += "    " + equation + "\n";
  Table claims({{"holds"}, {"found", true}, {"confidence", true}, {"claim"}});
  for (const lab::Claim& claim : result.claims)
    claims.row(
        {claim.holds ? "yes" : "NO", found(claim), confidence_text(claim), claim.text + " (" + claim.statistic + ")"});
  text += "\n" + claims.text(columns) + "\n";
  for (const lab::NumberTable& table : result.tables) {
    std::vector<Table::Column> heads;
    for (const std::string& name : table.columns) heads.push_back({name, !heads.empty()});
    Table numbers(heads);
    for (const auto& row : table.rows) numbers.row(row);
    text += table.title + "\n" + numbers.text(columns) + "\n";
  }
  for (const auto& [name, value] : result.settings) text += name + ": " + value + "\n";
  text += "\n";
  paragraph(result.reading);
  return text;
}

}  // namespace pigrad::app
