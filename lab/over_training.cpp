#include "over_training.hpp"

#include <cmath>
#include <limits>

#include "../rl/joint_update.hpp"
#include "../rl/ppo.hpp"
#include "curvature.hpp"
#include "loss_terms.hpp"

namespace pigrad {
namespace {

std::unique_ptr<OnPolicy<double>> made(TrainSettings settings, const Registry& environments) {
  settings.scalar = "float64";
  std::unique_ptr<Algorithm> algorithm = make_algorithm(settings, environments);
  auto* mine = dynamic_cast<OnPolicy<double>*>(algorithm.get());
  require(mine != nullptr, "algorithm", "it keeps no rollout to look at", "use one of `pigrad list algorithms`");
  algorithm.release();
  return std::unique_ptr<OnPolicy<double>>(mine);
}

double mean_return(const Rollout<double>& rollout) {
  double sum = 0;
  for (const Episode& e : rollout.episodes) sum += e.total;
  return rollout.episodes.empty() ? std::numeric_limits<double>::quiet_NaN()
                                  : sum / static_cast<double>(rollout.episodes.size());
}

NaturalMoment look(OnPolicy<double>& algorithm, LossTerms<double>& terms, FisherProduct<double>& fisher, int threads,
                   const NaturalStudyOptions& options) {
  const Rollout<double>& r = algorithm.rollout();
  const Estimates<double>& e = algorithm.estimates();
  NaturalMoment moment;
  moment.epoch = algorithm.epochs_done() + 1;
  moment.mean_return = mean_return(r);
  terms.look();
  std::vector<double> g = terms.gradient(0, e.rows().data(), e.learning_rows(), threads);
  for (double& x : g) x = -x;
  fisher.bind(e.learning_rows(), r.obs.data(), r.rows(), e.rows().data());
  const LinearMap<double> product = [&](const double* v, double* out) { fisher(v, out, threads); };
  const NaturalGradient natural = natural_gradient(product, g, options.damping, {.iterations = options.iterations});
  moment.degrees = natural.degrees;
  std::vector<double> fd(g.size());
  const auto slope = [&](const std::vector<double>& d) {
    product(d.data(), fd.data());
    return inner_product(d, g) / std::sqrt(inner_product(d, fd));
  };
  moment.plain_slope = slope(g);
  moment.natural_slope = slope(natural.direction);
  const ParameterRange range = algorithm.agent().policy_range();
  std::vector<double> whole(g.size()), out(g.size());
  const LinearMap<double> of_policy = [&](const double* v, double* fv) {
    std::copy_n(v, range.size(), whole.begin() + range.begin);
    product(whole.data(), out.data());
    std::copy_n(out.begin() + range.begin, range.size(), fv);
  };
  const Spectrum spectrum = lanczos(of_policy, range.size(), {.steps = options.lanczos_steps});
  for (std::size_t i = 0; i < spectrum.values.size() && static_cast<int>(i) < options.eigenvalues; ++i)
    moment.eigenvalues.push_back(spectrum.values[i]);
  return moment;
}

}  // namespace

std::vector<NaturalMoment> natural_over_training(TrainSettings settings, const Registry& environments, int threads,
                                                 const NaturalStudyOptions& options) {
  require(options.every > 0, "natural_over_training", "moments every 0 epochs", "give at least 1");
  const auto algorithm = made(std::move(settings), environments);
  LossTerms<double> terms(*algorithm);
  FisherProduct<double> fisher(algorithm->agent());
  std::vector<NaturalMoment> moments;
  int looked = -1;
  Hooks<double> hooks;
  hooks.estimated = [&](int) {
    const int epoch = algorithm->epochs_done();
    if (epoch % options.every != 0 || epoch == looked) return;
    looked = epoch;
    moments.push_back(look(*algorithm, terms, fisher, threads, options));
  };
  algorithm->attach(hooks);
  algorithm->run(threads);
  return moments;
}

std::vector<std::vector<ClipShare>> clip_over_passes(TrainSettings settings, const Registry& environments,
                                                     int threads) {
  if (settings.algorithm != "ppo" || settings.ppo.target_kl > 0 || settings.ppo.optimisers != "joint")
    throw Error("clip_over_passes", "it follows whole updates of ppo with one optimiser",
                "set algorithm=ppo, ppo.target_kl=0 and ppo.optimisers=joint");
  const auto algorithm = made(settings, environments);
  LossTerms<double> terms(*algorithm);
  ClipMeter<double> meter(*algorithm, terms);
  const Schedule schedule(settings.ppo.clip_schedule);
  const bool no_single = settings.advantage.normalise && settings.ppo.advantages == "minibatch";
  std::vector<std::vector<ClipShare>> shares;
  int round = 0, steps = 0;
  Hooks<double> hooks;
  hooks.estimated = [&](int) {
    terms.look();
    steps = 0;
    if (round % settings.rollouts == 0) shares.emplace_back();
  };
  hooks.step = [&](const StepEnd<double>&) {
    const int minibatches = Minibatches(algorithm->estimates().learning_rows(), settings.minibatch, no_single).count();
    if (++steps % minibatches != 0 || round % settings.rollouts != 0) return;
    shares.back().push_back(meter.measure(settings.ppo.clip * schedule.value(1, round, settings.rounds()), threads));
  };
  hooks.learnt = [&](int) { ++round; };
  algorithm->attach(hooks);
  algorithm->run(threads);
  return shares;
}

}  // namespace pigrad
