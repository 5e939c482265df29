#include "report.hpp"

#include <algorithm>
#include <cmath>

#include "../text.hpp"
#include "picture.hpp"

namespace pigrad::app {
namespace {

const char* const kStyle = R"(
body { font-family: 'DejaVu Sans', Verdana, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; line-height: 1.5; }
h1, h2, h3 { line-height: 1.25; }
h2 { border-top: 1px solid #ccc; padding-top: 1.5rem; margin-top: 3rem; }
pre { background: #f5f5f2; padding: .7rem 1rem; overflow-x: auto; font-size: .95rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .85rem; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #e2e2e2; vertical-align: top; }
th { font-weight: 600; }
svg { max-width: 100%; height: auto; }
.yes { color: #00664b; font-weight: 600; } .no { color: #b00020; font-weight: 600; }
.soft { color: #666; }
@media (prefers-color-scheme: dark) { body { background: #fff; } }
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string cell(const std::string& text, const char* tag = "td") {
  return std::string("<") + tag + ">" + escaped(text) + "</" + tag + ">";
}

std::string table(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<table><tr>";
  for (const std::string& name : columns) html += cell(name, "th");
  html += "</tr>\n";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const std::string& text : row) html += cell(text);
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string pairs(const std::vector<std::pair<std::string, std::string>>& list) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : list) rows.push_back({name, value});
  return table({"setting", "value"}, rows);
}

std::string verdict(bool holds) {
  return holds ? "<span class=\"yes\">holds</span>" : "<span class=\"no\">does not hold</span>";
}

std::string claims(const lab::ExperimentResult& result) {
  std::string html = "<table><tr>" + cell("verdict", "th") + cell("claim", "th") + cell("measured", "th") +
                     cell("found", "th") + cell("confidence", "th") + cell("method", "th") + "</tr>\n";
  for (const lab::Claim& claim : result.claims) {
    const bool exact = std::isnan(claim.low);
    html += "<tr><td>" + verdict(claim.holds) + "</td>" + cell(claim.text) + cell(claim.statistic) +
            cell(exact ? lab::digits(claim.value) : lab::digits(claim.value, claim.low, claim.high)) +
            cell(confidence_text(claim)) + cell(claim.method) + "</tr>\n";
  }
  return html + "</table>\n";
}

// Several pictures in one document: what they clip with must have names of its own.
std::string picture(const Page& page) {
  const std::string name = page.experiment->name;
  const std::string svg = sheet_svg(experiment_picture(page.result, page.experiment->title));
  return replaced(replaced(svg, "id=\"clip", "id=\"" + name + "-clip"), "url(#clip", "url(#" + name + "-clip");
}

std::string page_html(const Page& page, std::size_t number) {
  const lab::ExperimentResult& result = page.result;
  const std::string name = page.experiment->name;
  std::string html = "<h2 id=\"" + name + "\">" + std::to_string(number) + ". " + escaped(page.experiment->title) +
                     "</h2>\n<p>" + escaped(result.question) + "</p>\n<pre>";
  for (const std::string& equation : result.equations) html += escaped(equation) + "\n";
  html += "</pre>\n" + claims(result) + picture(page) + "<p>" + escaped(result.reading) + "</p>\n";
  for (const lab::NumberTable& numbers : result.tables)
    html += "<h3>" + escaped(numbers.title) + "</h3>\n" + table(numbers.columns, numbers.rows);
  html += "<h3>Settings</h3>\n" + pairs(result.settings);
  return html + "<p class=\"soft\">Again: <code>pigrad lab " + name + "</code>, " + duration(page.seconds) +
         ". The negative control of the tests: " + escaped(page.experiment->control) + ".</p>\n";
}

}  // namespace

std::string report_html(const std::vector<Page>& pages, const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>The gradient laboratory</title>\n<style>" +
      std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>The gradient laboratory</h1>\n";
  const auto held = std::count_if(pages.begin(), pages.end(), [](const Page& page) { return page.result.holds(); });
  html += "<p>Claims of the policy-gradient theory, each tried by sampling against an exact answer: all claims of " +
          std::to_string(held) + " of " + std::to_string(pages.size()) + " experiments hold.</p>\n<ol>\n";
  for (const Page& page : pages)
    html += "<li><a href=\"#" + std::string(page.experiment->name) + "\">" + escaped(page.experiment->title) +
            "</a>: " + verdict(page.result.holds()) + "</li>\n";
  html += "</ol>\n" + pairs(facts);
  for (std::size_t i = 0; i < pages.size(); ++i) html += page_html(pages[i], i + 1);
  return html + "</body>\n</html>\n";
}

}  // namespace pigrad::app
