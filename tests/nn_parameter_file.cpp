#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <pigrad/nn/initialise.hpp>
#include <pigrad/nn/parameter_file.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

ParameterLayout network() {
  ParameterLayout layout;
  layout.add("pi.0.weight", 3, 4);
  layout.add("pi.0.bias", 1, 3);
  layout.add("v.weight", 1, 3);
  layout.add("v.bias", 1, 1);
  return layout;
}

template <class T>
Parameters<T> started(const ParameterLayout& layout) {
  Parameters<T> parameters(layout);
  for (const Segment& segment : layout.segments()) initialise({}, parameters, segment.name, 5, 4);
  return parameters;
}

template <class T>
TensorFile file_of(const Parameters<T>& parameters, const std::string& prefix = "") {
  return TensorFile::parse(safetensors_bytes(parameter_tensors(parameters, prefix)), "agent.safetensors");
}

template <class T, class U>
bool same(const Parameters<T>& a, const Parameters<U>& b) {
  return std::equal(a.data(), a.data() + a.size(), b.data(), b.data() + b.size());
}

}  // namespace

TEST_CASE("parameters come back bit for bit, under PyTorch's shapes, and the version moves") {
  const auto written = started<float>(network());
  const TensorFile file = file_of(written, "agent.");
  CHECK(file.find("agent.pi.0.weight").shape == TensorShape{3, 4});
  CHECK(file.find("agent.pi.0.bias").shape == TensorShape{3});
  CHECK(file.find("agent.v.weight").shape == TensorShape{1, 3});
  CHECK(file.find("agent.v.bias").shape == TensorShape{1});
  Parameters<float> read(network());
  const auto version = read.version();
  read_parameters(file, read, "agent.");
  CHECK(same(read, written));
  CHECK(read.version() != version);
}

TEST_CASE("float and double files are read into either scalar") {
  const auto single = started<float>(network());
  const auto wide = started<double>(network());
  Parameters<double> widened(network());
  read_parameters(file_of(single), widened);
  CHECK(same(widened, single));
  Parameters<float> rounded(network());
  read_parameters(file_of(wide), rounded);
  CHECK(same(rounded, single));
}

TEST_CASE("a row may be a vector or a matrix of one row") {
  ParameterLayout layout;
  layout.add("bias", 1, 3);
  const double b[3] = {1, 2, 3};
  for (const TensorShape& shape : {TensorShape{3}, TensorShape{1, 3}}) {
    Parameters<double> parameters(layout);
    read_parameters(TensorFile::parse(safetensors_bytes({tensor_view("bias", shape, b)}), "f"), parameters);
    CHECK(parameters.data()[2] == 3);
  }
}

TEST_CASE("a file that does not fit is refused in words and changes nothing") {
  const auto written = started<double>(network());
  auto reader = written;
  std::fill_n(reader.data(), reader.size(), 7.0);
  const auto before = reader;
  const auto refused = [&](std::vector<TensorView> tensors, const char* words) {
    CAPTURE(words);
    const TensorFile file = TensorFile::parse(safetensors_bytes(tensors), "agent.safetensors");
    CHECK_THROWS_WITH_AS(read_parameters(file, reader), doctest::Contains(words), Error);
    CHECK(same(reader, before));
    CHECK(reader.version() == before.version());
  };
  const auto views = parameter_tensors(written);
  auto missing = views, wrong = views, extra = views, typed = views, bad = views;
  missing.pop_back();
  refused(missing, "agent.safetensors: there is no tensor \"v.bias\"");
  wrong[0].shape = {4, 3};
  refused(wrong, "\"pi.0.weight\" is [4×3], not [3×4]");
  extra.push_back(tensor_view("pi.2.weight", {3}, written.data()));
  refused(extra, "\"pi.2.weight\" has no place");
  typed[3].dtype = Dtype::i64;
  refused(typed, "\"v.bias\" is I64");
  for (double x : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    bad[3].data = &x;
    refused(bad, "\"v.bias\" holds a number that is not finite");
  }
}
