#include <pigrad/app/environments.hpp>
#include <pigrad/app/run_folder.hpp>

#include "input.hpp"

/// A checkpoint as a file: header, settings inside, arrays.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigrad;
  static const Registry environments = app::all_environments();
  try {
    app::load_checkpoint(State::parse(pigrad_fuzz::bytes(data, size), "input"), "input", environments);
  } catch (const Error&) {
  }
  return 0;
}
