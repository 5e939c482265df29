#pragma once
#include <string>
#include <utility>
#include <vector>

#include "../../lab/experiment.hpp"

namespace pigrad::app {

/// One experiment that was run, for the report.
struct Page {
  const lab::Experiment* experiment = nullptr;
  lab::ExperimentResult result;
  double seconds = 0;
};

/// "99.9 %", or "exact" where nothing was sampled.
std::string confidence_text(const lab::Claim& claim);

/// Claims, tables and settings as text for a terminal of so many columns (0: no limit).
std::string page_text(const Page& page, int columns);

/// All pages as one HTML document that needs no other file and no network: contents with verdicts, then a page an
/// experiment with its question, equations, claims, pictures (inline SVG), numbers and settings.
/// @param facts of the whole report: what made it, when, on what
std::string report_html(const std::vector<Page>& pages, const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace pigrad::app
