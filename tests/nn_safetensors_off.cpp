#include <doctest/doctest.h>

#include <pigrad/core/error.hpp>
#include <pigrad/nn/safetensors.hpp>

using namespace pigrad;

TEST_CASE("a build without safetensors says so") {
  const auto words = doctest::Contains("PIGRAD_SAFETENSORS=ON");
  CHECK_THROWS_WITH_AS(safetensors_bytes({}), words, Error);
  CHECK_THROWS_WITH_AS(TensorFile::load(PIGRAD_GOLDEN_DIR "/safetensors.safetensors"), words, Error);
}
