#pragma once
#include <cstdint>
#include <string>

#include "../core/parameters.hpp"
#include "../core/random.hpp"

namespace pigrad {

/// How a parameter matrix [rows × columns] = [outputs × inputs] starts.
struct Initialiser {
  enum class Kind {
    constant,        ///< every element is `value`
    pytorch,         ///< uniform in ±1/√fan_in, for weights and biases: what torch.nn.Linear does
    orthogonal,      ///< gain · Q, with orthonormal rows or columns, the fewer of them (Saxe et al. 2014)
    xavier_uniform,  ///< uniform in ±gain·√(6/(fan_in+fan_out)) (Glorot and Bengio 2010)
    xavier_normal,   ///< normal with deviation gain·√(2/(fan_in+fan_out)) (the same)
  };
  Kind kind = Kind::pytorch;
  double gain = 1;   ///< of orthogonal and xavier
  double value = 0;  ///< of constant

  /// Reads "pytorch", "zeros", "constant:0.5", "orthogonal", "orthogonal:1.414", "xavier_uniform", "xavier_normal:2".
  /// Throws Error, `where` being the setting that it names, with these forms, for anything else.
  static Initialiser parse(const std::string& spec, const std::string& where = "initialiser");
};

/// Fills data[rows × columns], row-major. Element i is a function of (random, stream, i) only, so that segments may be
/// filled in any order; the float result is the double one rounded.
/// @param fan_in the inputs of the layer: `columns` for a weight, the weight's columns for its bias (only pytorch reads
/// it)
/// @param random Random(seed, Purpose::initialise)
/// @param stream the segment's index in its ParameterLayout
/// Throws Error if a side or fan_in is not positive, or if gain or value is not finite.
template <class T>
void initialise(const Initialiser& how, T* data, int rows, int columns, int fan_in, const Random& random,
                std::uint32_t stream);

/// The same for a named segment of `parameters`, whose index is the stream. A fan_in of 0 means the segment's columns.
/// Calls touch().
template <class T>
void initialise(const Initialiser& how, Parameters<T>& parameters, const std::string& segment, std::uint64_t seed,
                int fan_in = 0);

}  // namespace pigrad
