#include "grad.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "../grad/instrument.hpp"

namespace pigrad::app {

std::vector<Command> instruments() {
  return {show_instrument(),      compute_instrument(),   check_instrument(),
          curvature_instrument(), landscape_instrument(), truth_instrument()};
}

namespace {

std::function<int()> declare(CLI::App& parser) {
  const auto chosen = std::make_shared<std::function<int()>>();
  parser.require_subcommand(1);
  for (const Command& instrument : instruments()) {
    CLI::App* sub = parser.add_subcommand(instrument.name, instrument.purpose);
    sub->footer(std::string("Examples:\n") + instrument.examples);
    sub->callback([run = instrument.declare(*sub), chosen] { *chosen = run; });
  }
  return [chosen] { return (*chosen)(); };
}

}  // namespace

Command grad_command() {
  return {"grad", "Open a policy's gradient: one timestep, your own data, checks, landscapes, the truth",
          "  pigrad grad show runs/a2c-cartpole-seed1 --episode 0 --step 12\n"
          "  pigrad grad compute runs/a2c-cartpole-seed1 --data transitions.csv --out g.safetensors\n"
          "  pigrad grad check a2c-cartpole\n"
          "  pigrad grad curvature runs/a2c-cartpole-seed1\n"
          "  pigrad grad landscape runs/a2c-cartpole-seed1\n"
          "  pigrad grad truth grid --estimator gae --lambda 0.9",
          declare};
}

}  // namespace pigrad::app
