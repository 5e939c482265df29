#include "first_fault.hpp"

#include <string>

#include "../core/words.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// The layer of the parameter nearest to a node among those that it depends on: its own, or the last layer before it.
std::string layer_of(const Program& program, int id) {
  std::vector<char> before(at(id) + 1);
  before[at(id)] = 1;
  for (int node = id; node >= 0; --node) {
    if (!before[at(node)]) continue;
    const Node& n = program.node(node);
    if (n.kind == NodeKind::parameter) {
      const std::string& segment = program.parameters().at(n.slot).name;
      return segment.substr(0, segment.rfind('.'));
    }
    for (const int o : n.operands)
      if (o >= 0) before[at(o)] = 1;
  }
  return "";
}

template <class T>
std::string sample_words(const FaultSite<T>& site, int sample) {
  const Rollout<T>& r = *site.rollout;
  const int row = site.order ? site.order[site.begin + sample] : site.begin + sample, rows = r.rows();
  Words words;
  words << "sample " << sample << " is step " << row / r.copies << " of copy " << row % r.copies << ": obs =";
  constexpr int shown = 8;
  for (int f = 0; f < r.observation_size && f < shown; ++f) words << ' ' << r.obs[at(f * rows + row)];
  words << (r.observation_size > shown ? " …" : "") << ", action =";
  if (r.action_size == 0) words << ' ' << r.index[at(row)];
  for (int d = 0; d < r.action_size && d < shown; ++d) words << ' ' << r.action[at(d * rows + row)];
  words << ", reward = " << r.reward[at(row)] << ", ln π when it acted = " << r.log_prob[at(row)];
  if (r.terminated[at(row)]) words << ", terminated";
  if (r.truncated[at(row)]) words << ", truncated";
  return words.str();
}

}  // namespace

template <class T>
void run_to_fault(Workspace<T>& workspace, const Bindings<T>& bindings, const Program& program,
                  std::vector<T>& gradient, const FaultSite<T>& site, RunOptions options) {
  options.check = true;
  try {
    workspace.run(bindings, Sink<T>::sum(gradient.data()), options);
  } catch (const NotFinite& fault) {
    std::string words = fault.what_there;
    if (const std::string layer = layer_of(program, fault.node); !layer.empty())
      words += "; " + std::string(program.node(fault.node).kind == NodeKind::parameter ? "in" : "in or behind") +
               " layer " + layer;
    if (site.steps >= 0) words += ", after " + std::to_string(site.steps) + " optimiser steps";
    if (fault.sample >= 0 && site.rollout) words += "; " + sample_words(site, fault.sample);
    throw Error("not finite", words, fault.what_to_do);
  }
}

template void run_to_fault(Workspace<float>&, const Bindings<float>&, const Program&, std::vector<float>&,
                           const FaultSite<float>&, RunOptions);
template void run_to_fault(Workspace<double>&, const Bindings<double>&, const Program&, std::vector<double>&,
                           const FaultSite<double>&, RunOptions);

}  // namespace pigrad
