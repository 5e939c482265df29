#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <pigrad/core/error.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/nn/atomic_file.hpp>
#include <pigrad/nn/safetensors.hpp>
#include <random>
#include <string>
#include <vector>

using namespace pigrad;
namespace fs = std::filesystem;

namespace {

std::vector<std::byte> golden_bytes() { return read_file(PIGRAD_GOLDEN_DIR "/safetensors.safetensors"); }

/// A folder that is removed at the end of the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("pigrad_safetensors_" + std::to_string(std::random_device{}()));
  Folder() { fs::create_directory(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    fs::permissions(path, fs::perms::owner_all);
    fs::remove_all(path);
  }
  std::string file(const char* name) const { return (path / name).string(); }
};

std::vector<std::byte> with_header(std::string header, std::size_t data, std::uint64_t claimed = 0) {
  const std::uint64_t length = claimed == 0 ? header.size() : claimed;
  std::vector<std::byte> bytes(8 + header.size() + data);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

struct Sample {
  std::vector<float> weight{-1, -0.75f, -0.5f, -0.25f, 0, 0.25f};
  std::vector<double> alpha{1.0 / 3, -2.5e300};
  std::vector<std::uint8_t> mask{1, 2, 255};
  std::int64_t step = -5;
  std::uint64_t seed = std::numeric_limits<std::uint64_t>::max();
  std::vector<std::uint32_t> count{0xFFFFFFFFu, 0};
  std::vector<std::int32_t> index{std::numeric_limits<std::int32_t>::min(), 7};
  Metadata metadata{{"who", "a \"quoted\" é\n"}};

  std::vector<TensorView> views() const {
    return {tensor_view("weight", {2, 3}, weight.data()),
            tensor_view("alpha", {1, 2}, alpha.data()),
            tensor_view("mask", {3}, mask.data()),
            tensor_view("step", {}, &step),
            tensor_view("seed", {1}, &seed),
            tensor_view("count", {2}, count.data()),
            tensor_view("index", {2}, index.data()),
            tensor_view<float>("empty", {0, 3}, nullptr)};
  }
};

}  // namespace

TEST_CASE("our bytes are those of Python's safetensors, dtype by dtype, with metadata") {
  const Sample sample;
  const auto ours = safetensors_bytes(sample.views(), sample.metadata);
  CHECK(ours.size() == golden_bytes().size());
  CHECK(ours == golden_bytes());
}

TEST_CASE("Python's file is read whole") {
  const Sample sample;
  const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/safetensors.safetensors");
  CHECK(file.metadata() == sample.metadata);
  CHECK(file.entries().size() == 8);
  CHECK(file.values<float>("weight") == sample.weight);
  CHECK(file.values<double>("alpha") == sample.alpha);
  CHECK(file.values<std::uint8_t>("mask") == sample.mask);
  CHECK(file.values<std::int64_t>("step") == std::vector{sample.step});
  CHECK(file.values<std::uint64_t>("seed") == std::vector{sample.seed});
  CHECK(file.values<std::uint32_t>("count") == sample.count);
  CHECK(file.values<std::int32_t>("index") == sample.index);
  CHECK(file.values<float>("empty").empty());
  CHECK(file.find("empty").shape == TensorShape{0, 3});
  CHECK(file.find("step").shape.empty());
  std::vector<float> weight(6);
  file.read("weight", {2, 3}, weight.data());
  CHECK(weight == sample.weight);
}

TEST_CASE("every tensor is aligned to its scalar, and nothing at all is a file too") {
  const Sample sample;
  const auto bytes = safetensors_bytes(sample.views(), {{"a", "longer or shorter"}, {"b", ""}});
  const TensorFile file = TensorFile::parse(bytes, "memory");
  CHECK(file.metadata().size() == 2);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  for (const auto& entry : file.entries()) CHECK((8 + header + entry.begin) % dtype_size(entry.dtype) == 0);
  const TensorFile empty = TensorFile::parse(safetensors_bytes({}), "memory");
  CHECK(empty.entries().empty());
  CHECK(empty.metadata().empty());
}

TEST_CASE("a missing tensor, another dtype and another shape are refused in words") {
  const TensorFile file = TensorFile::parse(golden_bytes(), "agent.safetensors");
  std::vector<float> out(6);
  CHECK_THROWS_WITH_AS(file.values<float>("bias"),
                       doctest::Contains("agent.safetensors: there is no tensor \"bias\"; use one of: seed, step"),
                       Error);
  CHECK_THROWS_WITH_AS(file.values<double>("weight"), doctest::Contains("\"weight\" is F32, not F64"), Error);
  CHECK_THROWS_WITH_AS(file.read("weight", {3, 2}, out.data()), doctest::Contains("is [2×3], not [3×2]"), Error);
  CHECK_THROWS_AS(file.read("weight", {6}, out.data()), Error);
  CHECK(file.contains("weight"));
  CHECK_FALSE(file.contains("bias"));
}

TEST_CASE("tensors that no file can hold are refused before writing") {
  const float x[2] = {1, 2};
  CHECK_THROWS_AS(safetensors_bytes({tensor_view("a", {1}, x), tensor_view("a", {2}, x)}), Error);
  CHECK_THROWS_AS(safetensors_bytes({tensor_view("", {1}, x)}), Error);
  CHECK_THROWS_AS(safetensors_bytes({tensor_view("__metadata__", {1}, x)}), Error);
  CHECK_THROWS_AS(safetensors_bytes({tensor_view("a", {-1}, x)}), Error);
  CHECK_THROWS_AS(safetensors_bytes({tensor_view("a", {1ll << 40, 1ll << 40}, x)}), Error);
  CHECK_THROWS_AS(safetensors_bytes({tensor_view<float>("a", {1}, nullptr)}), Error);
  CHECK_THROWS_AS(safetensors_bytes({tensor_view("\xff\xfe", {1}, x)}), Error);
  CHECK_THROWS_AS(safetensors_bytes({}, {{"key", "\xc3"}}), Error);
}

TEST_CASE("headers that lie are refused") {
  const auto refused = [](std::vector<std::byte> bytes, const char* words) {
    CAPTURE(words);
    CHECK_THROWS_WITH_AS(TensorFile::parse(std::move(bytes), "file"), doctest::Contains(words), Error);
  };
  const auto tensor = [](const char* dtype, const char* shape, const char* offsets) {
    return std::string(R"({"a":{"dtype":")") + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  CHECK(TensorFile::parse(with_header(tensor("F32", "[2]", "[0,8]"), 8), "file").values<float>("a").size() == 2);
  refused({}, "only 0 bytes");
  refused(std::vector<std::byte>(7), "only 7 bytes");
  refused(std::vector<std::byte>(8), "not a JSON object");
  refused(std::vector<std::byte>(8, std::byte{0xff}), "should have 18446744073709551615 bytes");
  refused(with_header("{}", 0, 3), "should have 3 bytes");
  refused(with_header("{} x", 0), "not JSON");
  refused(with_header("[]", 0), "not a JSON object");
  refused(with_header(" {}", 0), "not a JSON object");
  refused(with_header("{}", 1), "take 0 bytes but the file has 1");
  refused(with_header(std::string(R"({"a":)") + std::string(100000, '['), 0), "nested too deeply");
  refused(with_header(R"({"a":1})", 0), "not described by");
  refused(with_header(R"({"a":{}})", 0), "not described by");
  refused(with_header(R"({"__metadata__":{"k":1}})", 0), "object of strings");
  refused(with_header(R"({"__metadata__":[]})", 0), "object of strings");
  refused(with_header(R"({"__metadata__":{},"__metadata__":{}})", 0), "twice");
  refused(with_header(tensor("BF16", "[2]", "[0,4]"), 4), "dtype \"BF16\"");
  refused(with_header(tensor("F32", "[2]", "[0,4]"), 4), "has 4 bytes");
  refused(with_header(tensor("F32", "[2]", "[0,8]"), 4), "take 8 bytes but the file has 4");
  refused(with_header(tensor("F32", "[1]", "[0,4]"), 8), "take 4 bytes but the file has 8");
  refused(with_header(tensor("F32", "[1]", "[4,8]"), 8), "gap or overlaps");
  refused(with_header(tensor("F32", "[1]", "[8,4]"), 8), "ends before it begins");
  refused(with_header(tensor("F32", "[1]", "[4]"), 8), "two data_offsets");
  refused(with_header(tensor("F32", "[-1]", "[0,4]"), 4), "not a whole number");
  refused(with_header(tensor("F32", "[1.0]", "[0,4]"), 4), "not a whole number");
  refused(with_header(tensor("F32", "[1]", "[0,1e400]"), 4), "not JSON");
  refused(with_header(tensor("F32", "[18446744073709551615]", "[0,4]"), 4), "beyond 2^63");
  refused(with_header(tensor("F32", "[4611686018427387905,4]", "[0,16]"), 16), "has 16 bytes");
  refused(with_header(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                      R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                      3),
          "gap or overlaps");
  refused(with_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                      R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                      2),
          "\"a\" twice");
}

TEST_CASE("a file cut anywhere is refused, and flipped bits never crash") {
  const auto whole = golden_bytes();
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_THROWS_AS(TensorFile::parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, "cut"),
                    Error);
  auto longer = whole;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(TensorFile::parse(longer, "longer"), Error);

  const auto read_all = [](std::vector<std::byte> bytes) {
    try {
      const TensorFile file = TensorFile::parse(std::move(bytes), "flipped");
      for (const auto& entry : file.entries())
        if (entry.dtype == Dtype::f32) CHECK(file.values<float>(entry.name).size() * 4 == entry.end - entry.begin);
    } catch (const Error&) {
    }
  };
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = whole;
      flipped[i] ^= static_cast<std::byte>(1 << bit);
      read_all(std::move(flipped));
    }
  const Random random(11, Purpose::test);
  for (std::uint32_t trial = 0; trial < 20000; ++trial) {
    auto flipped = whole;
    for (std::uint64_t k = 0; k < 3; ++k) {
      const Bits bits = random(trial, k);
      flipped[bits.a % flipped.size()] = static_cast<std::byte>(bits.b);
    }
    read_all(std::move(flipped));
  }
}

TEST_CASE("a file is written whole or not at all") {
  const Folder folder;
  const Sample sample;
  const std::string path = folder.file("agent.safetensors");
  save_safetensors(path, sample.views(), sample.metadata);
  CHECK(read_file(path) == golden_bytes());
  const float x = 2;
  save_safetensors(path, {tensor_view("x", {}, &x)});
  CHECK(TensorFile::load(path).values<float>("x") == std::vector{2.0f});
  CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);

  CHECK_THROWS_AS(save_safetensors(path, {tensor_view("\xff", {}, &x)}), Error);
  CHECK(TensorFile::load(path).contains("x"));
  CHECK_THROWS_WITH_AS(save_safetensors(folder.file("no/such/folder"), {}), doctest::Contains("cannot be written"),
                       Error);
  fs::create_directory(folder.file("taken"));
  CHECK_THROWS_WITH_AS(save_safetensors(folder.file("taken"), {}), doctest::Contains("cannot be written"), Error);
  CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 2);
  CHECK_THROWS_WITH_AS(TensorFile::load(folder.file("taken")), doctest::Contains("not an ordinary file"), Error);
  CHECK_THROWS_WITH_AS(TensorFile::load(folder.file("absent")), doctest::Contains("cannot be opened"), Error);
}
