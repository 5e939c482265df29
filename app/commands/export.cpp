#include "export.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "../environments.hpp"
#include "../export/policy.hpp"
#include "../run_folder.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string run, to, out;
  bool quiet = false;
};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const ExportFormat& format : export_formats()) names.emplace_back(format.name);
  return names;
}

int run(const Asked& asked) {
  const Loaded loaded = load_checkpoint(asked.run, all_environments());
  const ExportedPolicy policy = exported_policy(*loaded.algorithm);
  for (const ExportFormat& format : export_formats()) {
    if (asked.to != format.name) continue;
    const auto files = format.write(policy, asked.out.empty() ? std::string("policy") + format.suffix : asked.out);
    if (asked.quiet) break;
    std::cout << checkpoint_path(asked.run) << ": " << policy.environment << " after epoch " << policy.epoch << ", "
              << policy.observations << " features to " << policy.actions
              << (policy.discrete ? " choices" : " dimensions") << "\n";
    for (const std::string& file : files) std::cout << "wrote " << file << "\n";
  }
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  add_checkpoint(parser, asked->run);
  std::string what = "The form:";
  for (const ExportFormat& format : export_formats()) what += std::string(" ") + format.name + ": " + format.what + ";";
  what.back() = ' ';
  parser.add_option("--to", asked->to, what)->required()->check(CLI::IsMember(format_names()))->type_name("FORM");
  add_out(parser, asked->out, "FILE", "The file; policy with the form's ending if left out");
  parser.add_flag("--quiet", asked->quiet, "Say nothing but mistakes");
  return [asked] { return run(*asked); };
}

}  // namespace

Command export_command() {
  return {"export", "Write a trained policy for other programs: a C header, ONNX, safetensors",
          "  pigrad export runs/a2c-cartpole-seed1 --to c --out cartpole.h\n"
          "  pigrad export runs/a2c-cartpole-seed1/best.safetensors --to safetensors",
          declare};
}

}  // namespace pigrad::app
