#include "initialise.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "setting_text.hpp"

namespace pigrad {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

template <class T>
void fill_uniform(double bound, T* data, int size, const Random& random, std::uint32_t stream) {
  for (int i = 0; i < size; ++i)
    data[i] = static_cast<T>((2 * random.uniform<double>(stream, static_cast<std::uint64_t>(i)) - 1) * bound);
}

template <class T>
void fill_normal(double deviation, T* data, int size, const Random& random, std::uint32_t stream) {
  for (int i = 0; i < size; ++i)
    data[i] = static_cast<T>(random.normal<double>(stream, static_cast<std::uint64_t>(i)) * deviation);
}

/// Q of the QR factorisation of a normal matrix, its columns' signs set so that R's diagonal is positive: then Q is
/// uniform over orthogonal matrices (Mezzadri 2007). A wide matrix is the transpose of a tall one.
template <class T>
void fill_orthogonal(double gain, T* data, int rows, int columns, const Random& random, std::uint32_t stream) {
  const int tall = std::max(rows, columns), narrow = std::min(rows, columns);
  Matrix normal(tall, narrow);
  for (int i = 0; i < rows * columns; ++i) {
    const int r = i / columns, c = i % columns;
    (rows < columns ? normal(c, r) : normal(r, c)) = random.normal<double>(stream, static_cast<std::uint64_t>(i));
  }
  const Eigen::HouseholderQR<Matrix> factors(normal);
  Matrix q = factors.householderQ() * Matrix::Identity(tall, narrow);
  for (int c = 0; c < narrow; ++c)
    if (factors.matrixQR()(c, c) < 0) q.col(c) = -q.col(c);
  for (int i = 0; i < rows * columns; ++i) {
    const int r = i / columns, c = i % columns;
    data[i] = static_cast<T>(gain * (rows < columns ? q(c, r) : q(r, c)));
  }
}

}  // namespace

Initialiser Initialiser::parse(const std::string& text, const std::string& where) {
  const char* cure = "use pytorch, zeros, constant:V, orthogonal[:GAIN], xavier_uniform[:GAIN] or xavier_normal[:GAIN]";
  const SettingText spec = SettingText::parse(where, text, cure);
  Initialiser how;
  if (spec.name == "constant") {
    spec.expect(1, 1);
    how.kind = Kind::constant;
    how.value = spec.number(0);
    return how;
  }
  const bool has_gain = spec.name != "pytorch" && spec.name != "zeros";
  spec.expect(0, has_gain ? 1 : 0);
  if (spec.name == "pytorch") {
    how.kind = Kind::pytorch;
  } else if (spec.name == "zeros") {
    how.kind = Kind::constant;
  } else if (spec.name == "orthogonal") {
    how.kind = Kind::orthogonal;
  } else if (spec.name == "xavier_uniform") {
    how.kind = Kind::xavier_uniform;
  } else if (spec.name == "xavier_normal") {
    how.kind = Kind::xavier_normal;
  } else {
    spec.refuse("unknown");
  }
  if (!spec.arguments.empty()) how.gain = spec.number(0);
  return how;
}

template <class T>
void initialise(const Initialiser& how, T* data, int rows, int columns, int fan_in, const Random& random,
                std::uint32_t stream) {
  if (rows <= 0 || columns <= 0 || fan_in <= 0)
    throw Error("initialise",
                "a matrix of " + std::to_string(rows) + "×" + std::to_string(columns) + " with fan_in " +
                    std::to_string(fan_in),
                "give sides and a fan_in above 0");
  require(std::isfinite(how.gain) && std::isfinite(how.value), "initialise", "the gain or value is not finite",
          "give a finite number");
  const int size = rows * columns;
  const double fans = static_cast<double>(rows) + columns;
  switch (how.kind) {
    case Initialiser::Kind::constant:
      std::fill_n(data, size, static_cast<T>(how.value));
      return;
    case Initialiser::Kind::pytorch:
      return fill_uniform(1 / std::sqrt(static_cast<double>(fan_in)), data, size, random, stream);
    case Initialiser::Kind::orthogonal:
      return fill_orthogonal(how.gain, data, rows, columns, random, stream);
    case Initialiser::Kind::xavier_uniform:
      return fill_uniform(how.gain * std::sqrt(6 / fans), data, size, random, stream);
    case Initialiser::Kind::xavier_normal:
      return fill_normal(how.gain * std::sqrt(2 / fans), data, size, random, stream);
  }
}

template <class T>
void initialise(const Initialiser& how, Parameters<T>& parameters, const std::string& segment, std::uint64_t seed,
                int fan_in) {
  const Segment& place = parameters.layout().find(segment);
  const auto stream = static_cast<std::uint32_t>(&place - parameters.layout().segments().data());
  initialise(how, parameters.data() + place.offset, place.rows, place.columns, fan_in == 0 ? place.columns : fan_in,
             Random(seed, Purpose::initialise), stream);
  parameters.touch();
}

template void initialise(const Initialiser&, float*, int, int, int, const Random&, std::uint32_t);
template void initialise(const Initialiser&, double*, int, int, int, const Random&, std::uint32_t);
template void initialise(const Initialiser&, Parameters<float>&, const std::string&, std::uint64_t, int);
template void initialise(const Initialiser&, Parameters<double>&, const std::string&, std::uint64_t, int);

}  // namespace pigrad
