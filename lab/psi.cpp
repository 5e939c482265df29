#include "psi.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "../core/error.hpp"
#include "../core/parallel.hpp"
#include "../core/random.hpp"
#include "../rl/advantage.hpp"

namespace pigrad::lab {
namespace {

constexpr int kBlock = 64;  // batches a task; no result depends on it

void check_critic(const FiniteMdp& mdp, const CriticTable& critic) {
  if (critic.v.size() != static_cast<std::size_t>(mdp.states) ||
      critic.q.size() != static_cast<std::size_t>(mdp.states * mdp.actions))
    throw Error("critic", "it is not of this MDP's states and actions", "give v [S] and q [S×A]");
}

bool weighs_time(const PsiSettings& settings) { return settings.discount_time && settings.estimator != "total_return"; }

double baseline_at(const Baseline& baseline, int t) {
  if (baseline.kind != BaselineKind::time) return baseline.constant;
  return baseline.by_time[std::min(static_cast<std::size_t>(t), baseline.by_time.size() - 1)];
}

}  // namespace

CriticTable exact_critic(const Exact& exact) { return {exact.v, exact.q}; }

CriticTable spoiled_critic(const FiniteMdp& mdp, const Exact& exact, const std::vector<double>& error) {
  CriticTable out = exact_critic(exact);
  for (std::size_t s = 0; s < out.v.size(); ++s) out.v[s] += error[s];
  for (int s = 0; s < mdp.states; ++s)
    for (int a = 0; a < mdp.actions; ++a)
      for (int next = 0; next < mdp.states; ++next)
        if (!mdp.terminal[static_cast<std::size_t>(next)])
          out.q[mdp.at(s, a)] += mdp.gamma * mdp.transition[mdp.at(s, a, next)] * error[static_cast<std::size_t>(next)];
  return out;
}

std::vector<double> critic_error(const FiniteMdp& mdp, double size, std::uint64_t seed) {
  const Random random(seed, Purpose::test);
  std::vector<double> error(static_cast<std::size_t>(mdp.states));
  for (std::size_t s = 0; s < error.size(); ++s) error[s] = mdp.terminal[s] ? 0 : size * random.normal<double>(0, s);
  return error;
}

CriticTable learned_critic(const FiniteMdp& mdp, const Trajectories& data) {
  const auto states = static_cast<std::size_t>(mdp.states), actions = static_cast<std::size_t>(mdp.actions);
  CriticTable out{std::vector<double>(states), std::vector<double>(states * actions)};
  std::vector<double> target(static_cast<std::size_t>(data.rows())), seen(states), chosen(states * actions);
  return_to_go<double>(data.path(), mdp.gamma, nullptr, target.data());
  for (std::size_t row = 0; row < target.size(); ++row) {
    const auto s = static_cast<std::size_t>(data.state[row]), i = mdp.at(data.state[row], data.action[row]);
    out.v[s] += target[row], ++seen[s];
    out.q[i] += target[row], ++chosen[i];
  }
  for (std::size_t s = 0; s < states; ++s) out.v[s] /= std::max(seen[s], 1.0);
  for (std::size_t i = 0; i < chosen.size(); ++i) out.q[i] /= std::max(chosen[i], 1.0);
  return out;
}

const char* baseline_name(BaselineKind kind) {
  switch (kind) {
    case BaselineKind::none:
      return "none";
    case BaselineKind::constant:
      return "mean";
    case BaselineKind::optimal:
      return "b*";
    case BaselineKind::value:
      return "V";
    case BaselineKind::time:
      return "b_t";
  }
  return "";
}

std::string PsiSettings::label(double gamma) const {
  std::string text = estimator;
  char number[32];
  if (estimator == "gae") std::snprintf(number, sizeof number, " λ=%g", lambda), text += number;
  if (estimator == "n_step") std::snprintf(number, sizeof number, " n=%d", n), text += number;
  if (baseline != BaselineKind::none) text += std::string(" − ") + baseline_name(baseline);
  if (!discount_time && gamma < 1 && estimator != "total_return") text += ", no γᵗ";
  if (normalise) text += ", normalised";
  return text;
}

std::vector<double> psi(const PsiSettings& settings, const FiniteMdp& mdp, const Trajectories& data,
                        const CriticTable* critic, const Baseline& baseline) {
  if (critic) check_critic(mdp, *critic);
  if (settings.baseline == BaselineKind::value && !critic)
    throw Error("baseline", "V needs a critic", "give one, or another baseline");
  const auto rows = static_cast<std::size_t>(data.rows());
  std::vector<double> value(rows), next_value(rows), action_value, out;
  AdvantageSettings how;
  how.estimator = settings.estimator;
  how.baseline = settings.baseline != BaselineKind::none;
  how.n = settings.n;
  how.discount_time = weighs_time(settings);
  const AdvantageEstimator<double>& form = find_estimator<double>(how, true);
  if (form.needs_critic && !critic)
    throw Error("psi", settings.estimator + " needs a critic", "give one, or take return_to_go");
  // Forms that have V inside see the critic's; what is subtracted from a return is the baseline.
  const bool of_states = settings.baseline == BaselineKind::value || (form.needs_critic && !form.returns);
  for (std::size_t row = 0; row < rows; ++row) {
    if (critic && !data.terminated[row]) next_value[row] = critic->v[static_cast<std::size_t>(data.next[row])];
    value[row] = of_states && critic ? critic->v[static_cast<std::size_t>(data.state[row])]
                                     : baseline_at(baseline, data.time[row]);
    if (critic) action_value.push_back(critic->q[mdp.at(data.state[row], data.action[row])]);
  }
  AdvantageInput<double> in;
  in.path = data.path();
  in.gamma = mdp.gamma;
  in.lambda = settings.lambda;
  in.n = settings.n;
  in.value = value.data();
  in.next_value = next_value.data();
  in.action_value = critic ? action_value.data() : nullptr;
  estimate_advantage(how, in, out);
  return out;
}

std::vector<double> gradients(const FinitePolicy& policy, const std::vector<double>& scores, const Trajectories& data,
                              std::vector<double> weights, int batch, bool normalise, int threads) {
  if (batch < 1 || batch > data.count())
    throw Error("gradients", "a batch of " + std::to_string(batch) + " episodes of " + std::to_string(data.count()),
                "give 1 to as many as there are");
  const auto parameters = static_cast<std::size_t>(policy.size());
  const int count = data.count() / batch, actions = policy.actions();
  std::vector<double> out(static_cast<std::size_t>(count) * parameters, 0.0);
  parallel_for(threads, (count + kBlock - 1) / kBlock, [&](int block, int) {
    for (int i = block * kBlock; i < std::min(count, (block + 1) * kBlock); ++i) {
      const int begin = data.begin[static_cast<std::size_t>(i * batch)];
      const int end = data.begin[static_cast<std::size_t>((i + 1) * batch)];
      if (normalise) standardise<double>(weights.data() + begin, nullptr, end - begin, 1e-12, false);
      double* g = out.data() + static_cast<std::size_t>(i) * parameters;
      for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
        const auto pair = static_cast<std::size_t>(data.state[row] * actions + data.action[row]);
        const double* score = scores.data() + pair * parameters;
        const double w = weights[row] / batch;
        for (std::size_t k = 0; k < parameters; ++k) g[k] += w * score[k];
      }
    }
  });
  return out;
}

Baseline fit_baseline(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                      const Trajectories& data, const CriticTable* critic) {
  Baseline out{settings.baseline, 0, {}};
  if (settings.baseline == BaselineKind::none || settings.baseline == BaselineKind::value) return out;
  PsiSettings bare = settings;
  bare.baseline = BaselineKind::none;
  if (settings.baseline == BaselineKind::optimal) {
    const std::vector<double> scores = policy.scores();
    std::vector<double> ones(static_cast<std::size_t>(data.rows()), 1.0);
    if (weighs_time(settings)) discount_weight<double>(data.path(), mdp.gamma, nullptr, ones.data());
    const auto g = gradients(policy, scores, data, psi(bare, mdp, data, critic));
    const auto h = gradients(policy, scores, data, ones);
    const double square = std::inner_product(h.begin(), h.end(), h.begin(), 0.0);
    if (square > 0) out.constant = std::inner_product(g.begin(), g.end(), h.begin(), 0.0) / square;
    return out;
  }
  bare.discount_time = false;
  const std::vector<double> values = psi(bare, mdp, data, critic);
  const std::size_t times = settings.baseline == BaselineKind::time
                                ? 1 + static_cast<std::size_t>(*std::max_element(data.time.begin(), data.time.end()))
                                : 1;
  std::vector<double> sum(times), seen(times);
  for (std::size_t row = 0; row < values.size(); ++row) {
    const std::size_t t = times == 1 ? 0 : static_cast<std::size_t>(data.time[row]);
    sum[t] += values[row], ++seen[t];
  }
  for (std::size_t t = 0; t < times; ++t) sum[t] /= std::max(seen[t], 1.0);
  out.constant = sum[0];
  out.by_time = std::move(sum);
  return out;
}

std::vector<double> sample_gradients(const FiniteMdp& mdp, const FinitePolicy& policy, const EstimatorRun& run,
                                     int count, const SampleOptions& options) {
  const Trajectories data = sample(mdp, policy.probabilities(), count, options);
  return gradients(policy, policy.scores(), data, psi(run.psi, mdp, data, run.critic, run.baseline), run.batch,
                   run.psi.normalise, options.threads);
}

}  // namespace pigrad::lab
