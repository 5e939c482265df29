#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/error.hpp>
#include <pigrad/cuda/blas.hpp>
#include <pigrad/cuda/device_group.hpp>
#include <pigrad/cuda/library.hpp>

using namespace pigrad;

TEST_CASE(
    "a library that is not there says so when it is wanted, and one that is has the functions that are asked for") {
  const Library none("libnothing-of-that-name.so.1");
  CHECK_FALSE(none);
  CHECK(none.why().find("libnothing-of-that-name.so.1") != std::string::npos);
  const Library maths("libm.so.6");
  REQUIRE(maths);
  CHECK(maths.function<double(double)>("cos")(0.5) == std::cos(0.5));
  CHECK_THROWS_WITH(maths.function<double(double)>("no_such"), doctest::Contains("it has no no_such"));
}

TEST_CASE("what cuBLAS and NCCL are said to be") {
  const std::string blas = describe_blas(), nccl = describe_nccl();
  MESSAGE(blas);
  MESSAGE(nccl);
  CHECK((blas.starts_with("cuBLAS ") || blas.starts_with("no cuBLAS: ")));
  CHECK((nccl.starts_with("NCCL ") || nccl.starts_with("no NCCL: ")));
}
