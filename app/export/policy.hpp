#pragma once
#include <string>
#include <vector>

#include "../../nn/mlp.hpp"
#include "../../rl/algorithm.hpp"

namespace pigrad::app {

/// A trained policy apart from its program: normaliser, network, distribution, action bounds, and what it says of some
/// observations, so that whoever runs it elsewhere can check that it says the same.
struct ExportedPolicy {
  struct Layer {
    int inputs = 0, outputs = 0;
    std::vector<double> weight;  ///< [outputs×inputs], row-major
    std::vector<double> bias;    ///< [outputs]
    Activation activation = Activation::identity;
  };

  std::string environment, recipe;
  int epoch = 0;
  std::string scalar;    ///< float32 or float64: what the policy was trained in, and computes in
  int observations = 0;  ///< features of an observation
  int actions = 0;       ///< choices, or dimensions
  bool discrete = true;
  std::vector<double> mean, inverse;  ///< x ← clamp((x − mean)·inverse, ±clip) [observations]; empty: as they are
  double clip = 0;
  std::vector<Layer> layers;
  /// Of boxes: the network's outputs after the first `actions` are ln σ times log_std_scale.
  bool spread_from_network = false;
  double log_std_scale = 1;
  std::vector<double> log_std;    ///< of boxes whose ln σ is no output [actions]
  std::vector<double> low, high;  ///< bounds of a box action [actions], ±∞ where there are none

  /// What the policy says: ln π of each choice, or means and ln σ.
  int statistics() const { return discrete ? actions : 2 * actions; }
  std::vector<double> parity_observations;  ///< [count×observations]
  std::vector<double> parity_statistics;    ///< [count×statistics]
};

/// @param algorithm as a checkpoint gives it back
/// Throws Error if it has no policy network of its own.
ExportedPolicy exported_policy(const Algorithm& algorithm);

/// A form that a policy can leave in: one file, one line in export_formats().
struct ExportFormat {
  const char* name;    ///< of --to
  const char* what;    ///< one line
  const char* suffix;  ///< of the file, ".h"
  /// Writes `path` and what belongs beside it; gives back the names of all files.
  std::vector<std::string> (*write)(const ExportedPolicy& policy, const std::string& path);
};
const std::vector<ExportFormat>& export_formats();

/// One header in C99 that needs the mathematics library alone, and a program that checks it.
std::vector<std::string> write_c_header(const ExportedPolicy& policy, const std::string& path);
/// A model of ONNX, IR version 8 and opset 13, and a table of parity vectors.
std::vector<std::string> write_onnx(const ExportedPolicy& policy, const std::string& path);
/// The tensors, PyTorch's names and shapes, with the rest in the metadata.
std::vector<std::string> write_safetensors(const ExportedPolicy& policy, const std::string& path);

}  // namespace pigrad::app
