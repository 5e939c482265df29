#include "import.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include "../../rl/on_policy.hpp"
#include "../environments.hpp"
#include "../export/network_file.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "../settings.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string file, environment, network, out;
  std::string activation = "tanh", output_activation = "identity";
  bool quiet = false;
};

template <class T>
void fill(const TensorFile& file, const std::string& name, std::size_t count, T* out) {
  std::vector<double> values;
  if (file.find(name).dtype == Dtype::f32) {
    const auto narrow = file.values<float>(name);
    values.assign(narrow.begin(), narrow.end());
  } else {
    values = file.values<double>(name);
  }
  const bool finite = std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
  if (values.size() != count || !finite)
    throw Error(file.where(),
                "tensor \"" + name + "\" has " +
                    (finite ? std::to_string(values.size()) + " numbers, not " + std::to_string(count)
                            : "a number that is not finite"),
                "give the file as PyTorch's policy left it");
  std::transform(values.begin(), values.end(), out, [](double x) { return static_cast<T>(x); });
}

template <class T>
void fill(const TensorFile& file, const FoundNetwork& network, OnPolicy<T>& run) {
  Parameters<T>& parameters = run.agent().parameters();
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const FoundNetwork::Layer& layer = network.layers[i];
    const std::string name = "policy." + std::to_string(2 * i);
    const auto outputs = static_cast<std::size_t>(layer.outputs), inputs = static_cast<std::size_t>(layer.inputs);
    fill(file, layer.weight, outputs * inputs, parameters.data(name + ".weight"));
    fill(file, layer.bias, outputs, parameters.data(name + ".bias"));
  }
  if (!network.log_std.empty())
    fill(file, network.log_std, static_cast<std::size_t>(run.agent().action_size()), parameters.data("policy.log_std"));
  parameters.touch();
}

TrainSettings settings_for(const Asked& asked, const TensorFile& file, const FoundNetwork& network, bool discrete) {
  TrainSettings s;
  s.recipe = "imported";
  s.environment = asked.environment;
  s.algorithm = "reinforce";
  s.advantage.estimator = "return_to_go";
  s.advantage.baseline = false;
  s.boundary.truncation = "terminate";
  s.boundary.edge = "drop";
  s.scalar = file.find(network.layers.front().weight).dtype == Dtype::f64 ? "float64" : "float32";
  s.policy.network.hidden.clear();
  for (std::size_t i = 0; i + 1 < network.layers.size(); ++i)
    s.policy.network.hidden.push_back(network.layers[i].outputs);
  s.policy.network.activation = asked.activation;
  s.policy.network.output_activation = asked.output_activation;
  s.policy.distribution.name = discrete ? "categorical" : "gaussian";
  for (const Field& field : fields_of(s)) field.check();
  return s;
}

/// Tensors of the file that the policy does not take.
std::string left_out(const TensorFile& file, const FoundNetwork& network) {
  std::vector<std::string> taken = {network.log_std};
  for (const auto& layer : network.layers) taken.insert(taken.end(), {layer.weight, layer.bias});
  std::string left;
  for (const TensorFile::Entry& entry : file.entries())
    if (std::find(taken.begin(), taken.end(), entry.name) == taken.end())
      left += (left.empty() ? "" : ", ") + entry.name;
  return left;
}

int run(const Asked& asked) {
  const TensorFile file = TensorFile::load(asked.file);
  if (file.metadata().count("pigrad_format"))
    throw Error(asked.file, "it is a checkpoint of pigrad already", "use it where a run is asked for");
  for (const TensorFile::Entry& entry : file.entries())
    if (entry.name.starts_with("normaliser."))
      throw Error(asked.file, "its policy sees normalised observations, which PyTorch's do not",
                  "keep the run that it was exported from");
  const Registry environments = all_environments();
  const Spec& spec = environments.spec(asked.environment);
  const bool discrete = spec.action.is_discrete();
  const int features = spec.observation.size(), actions = discrete ? spec.action.n : spec.action.size();
  const FoundNetwork network = policy_in(file, features, actions, discrete, asked.network);
  TrainSettings settings = settings_for(asked, file, network, discrete);
  const auto algorithm = make_algorithm(settings, environments);
  if (auto* narrow = dynamic_cast<OnPolicy<float>*>(algorithm.get())) fill(file, network, *narrow);
  if (auto* wide = dynamic_cast<OnPolicy<double>*>(algorithm.get())) fill(file, network, *wide);
  const std::string stem = std::filesystem::path(asked.file).stem().string();
  const bool named = !asked.out.empty();
  const RunPaths paths{make_run_folder(named ? asked.out : "runs/" + stem, named ? IfThere::refuse : IfThere::number)};
  write_text(paths.hparams(), write_settings(fields_of(settings)));
  checkpoint_of(*algorithm).save(paths.last());
  if (asked.quiet) return 0;
  std::cout << asked.file << ": network \"" << network.name << "\", " << features;
  for (const auto& layer : network.layers) std::cout << "-" << layer.outputs;
  std::cout << ", " << asked.activation << "\n";
  if (!discrete) std::cout << "ln σ: " << (network.log_std.empty() ? "none, taken as 0" : network.log_std) << "\n";
  if (const std::string left = left_out(file, network); !left.empty()) std::cout << "left out: " << left << "\n";
  std::cout << "wrote " << paths.last() << "\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("file", asked->file, "A safetensors file of PyTorch's tensors")->required()->type_name("");
  parser.add_option("--environment", asked->environment, "What it was trained in")->required()->type_name("NAME");
  parser.add_option("--activation", asked->activation, "After hidden layers, which the file does not say")
      ->check(CLI::IsMember(activation_names()))
      ->type_name("NAME");
  parser.add_option("--output-activation", asked->output_activation, "After the last layer")
      ->check(CLI::IsMember(activation_names()))
      ->type_name("NAME");
  parser.add_option("--network", asked->network, "What stands before the layers' numbers, where several fit")
      ->type_name("NAME");
  add_out(parser, asked->out, "FOLDER", "The run folder; runs/ and the file's name if left out");
  parser.add_flag("--quiet", asked->quiet, "Say nothing but mistakes");
  return [asked] { return run(*asked); };
}

}  // namespace

Command import_command() {
  return {"import", "Make a run of a policy that was trained in PyTorch",
          "  pigrad import actor.safetensors --environment CartPole-v1\n"
          "  pigrad import sb3.safetensors --environment Pendulum-v1 --activation relu --out runs/theirs",
          declare};
}

}  // namespace pigrad::app
