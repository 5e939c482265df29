#include "algorithm.hpp"

#include "a2c.hpp"
#include "a2c_joint.hpp"
#include "npg.hpp"
#include "ppo.hpp"
#include "reinforce.hpp"
#include "trpo.hpp"
#include "vpg.hpp"

namespace pigrad {
namespace {

template <class A>
std::unique_ptr<Algorithm> make(const TrainSettings& settings, const Registry& environments) {
  return std::make_unique<A>(settings, environments);
}

template <class A, class T>
std::unique_ptr<OnPolicy<T>> host(const TrainSettings& settings, const Spec& spec) {
  return std::make_unique<A>(settings, spec);
}

template <template <class> class A>
AlgorithmEntry entry(const char* name, const char* words, std::vector<std::string> ignores = {}) {
  return {name,
          words,
          &make<A<float>>,
          &make<A<double>>,
          &host<A<float>, float>,
          &host<A<double>, double>,
          std::move(ignores)};
}

}  // namespace

const std::vector<AlgorithmEntry>& algorithms() {
  static const std::vector<AlgorithmEntry> list = {
      entry<A2c>("a2c", "advantage actor-critic, separate networks, generalised advantages",
                 {"ppo", "natural", "critic.coefficient"}),
      entry<Reinforce>("reinforce", "REINFORCE over batches of steps or episodes, no critic",
                       {"ppo", "natural", "critic", "advantage.edge_twice"}),
      entry<Vpg>("vpg", "vanilla policy gradient: whole episodes, a baseline fitted first, one step of the policy",
                 {"ppo", "natural", "critic.coefficient"}),
      entry<A2cJoint>("a2c-joint", "advantage actor-critic, one loss and one optimiser, as Stable-Baselines3's A2C",
                      {"ppo", "natural", "critic.optimiser"}),
      entry<Ppo>("ppo", "proximal policy optimisation with a clipped surrogate", {"natural"}),
      entry<Npg>("npg", "natural policy gradient: a step along F⁻¹g, as long as a KL divergence allows",
                 {"ppo", "critic.coefficient", "policy.optimiser", "policy.loss_reduction",
                  "policy.steps_per_minibatch", "natural.backtracks", "natural.shrink"}),
      entry<Trpo>("trpo", "trust region policy optimisation: the same step, and a line search that holds the KL",
                  {"ppo", "critic.coefficient", "policy.optimiser", "policy.loss_reduction",
                   "policy.steps_per_minibatch", "natural.rate"}),
  };
  return list;
}

namespace {

const AlgorithmEntry& find(const std::string& name) {
  std::string names;
  for (const AlgorithmEntry& a : algorithms()) {
    if (name == a.name) return a;
    names += (names.empty() ? "" : ", ") + std::string(a.name);
  }
  throw Error("algorithm", "there is no '" + name + "'", "use one of: " + names);
}

}  // namespace

void Algorithm::share(Group&) {
  throw Error("share", "this algorithm is one process's",
              "train it on processors, by a make_algorithm of each process");
}

std::unique_ptr<Algorithm> make_algorithm(const TrainSettings& settings, const Registry& environments) {
  const AlgorithmEntry& a = find(settings.algorithm);
  if (settings.scalar == "float32") return a.make_float(settings, environments);
  if (settings.scalar == "float64") return a.make_double(settings, environments);
  throw Error("scalar", "there is no '" + settings.scalar + "'", "use float32 or float64");
}

template <>
std::unique_ptr<OnPolicy<float>> make_hosted(const TrainSettings& settings, const Spec& spec) {
  return find(settings.algorithm).host_float(settings, spec);
}
template <>
std::unique_ptr<OnPolicy<double>> make_hosted(const TrainSettings& settings, const Spec& spec) {
  return find(settings.algorithm).host_double(settings, spec);
}

}  // namespace pigrad
