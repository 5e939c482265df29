#include <pigrad/app/settings.hpp>
#include <pigrad/rl/settings.hpp>

#include "input.hpp"

/// A file of settings. What is accepted is written, read again and written to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigrad;
  TrainSettings settings, again;
  try {
    app::parse_settings(fields_of(settings), pigrad_fuzz::text(data, size), "input.yaml");
  } catch (const Error&) {
    return 0;
  }
  const std::string written = app::write_settings(fields_of(settings));
  app::parse_settings(fields_of(again), written, "written.yaml");
  if (app::write_settings(fields_of(again)) != written) std::abort();
  return 0;
}
