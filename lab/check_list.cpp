#include "check_list.hpp"

#include <memory>

#include "../core/ops.hpp"
#include "../core/random.hpp"
#include "../nn/distribution.hpp"
#include "../nn/mlp.hpp"
#include "../rl/algorithm.hpp"
#include "../rl/joint_loss.hpp"
#include "../rl/losses.hpp"
#include "../rl/natural_policy.hpp"

namespace pigrad {
namespace {

constexpr int features = 4, few_choices = 3;

/// Judges a program on random rows and parameters. Fixed inputs are positive, as scales and limits are.
/// @param index_below what indices are below
CheckReport judge(const Program& program, int index_below, const CheckOptions& options) {
  const Random random(options.seed, Purpose::test);
  std::uint32_t stream = 1u << 20;
  const auto draws = [&](int count, double low, double high) {
    std::vector<double> all(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = low + (high - low) * random.uniform<double>(stream, i);
    ++stream;
    return all;
  };
  const std::vector<double> parameters = draws(program.parameters().size(), -0.7, 0.7);
  std::vector<std::vector<double>> reals;
  std::vector<std::vector<std::int32_t>> indices;
  reals.reserve(program.inputs().size()), indices.reserve(program.inputs().size());
  Bindings<double> bindings(program);
  bindings.rows(options.rows);
  for (const InputSlot& slot : program.inputs()) {
    const bool batch = slot.shape.is_batch();
    const int rows = batch ? options.rows : slot.shape.rows;
    if (slot.index) {
      indices.emplace_back();
      for (const double u : draws(rows, 0, index_below)) indices.back().push_back(static_cast<std::int32_t>(u));
      bindings.index(slot.name, indices.back().data());
    } else {
      reals.push_back(draws(rows * slot.shape.columns, batch ? -1.5 : 0.1, 1.5));
      bindings.input(slot.name, reals.back().data(), rows);
    }
  }
  return check_gradient(program, bindings, parameters, options);
}

/// The worse of two reports, with all that both compared.
CheckReport worse(CheckReport a, CheckReport b) {
  const int compared = a.compared + b.compared;
  CheckReport out = b.worst > a.worst || a.compared == 0 ? std::move(b) : std::move(a);
  out.compared = compared;
  return out;
}

GradientCheck op_check(const Op& op) {
  return {op.name, "op", [&op](const CheckOptions& options) {
            CheckReport report;
            for (const OpCase& example : op.cases()) {
              CheckReport one = check_gradient(example, options);
              one.where = example.what + ", " + one.where;
              one.words = example.what + ", " + one.words;
              report = worse(std::move(report), std::move(one));
            }
            return report;
          }};
}

GradientCheck layer_check(const std::string& activation) {
  return {"linear+" + activation, "layer", [activation](const CheckOptions& options) {
            ParameterLayout layout;
            MlpSettings settings;
            settings.hidden = {5, 6};
            settings.activation = settings.output_activation = activation_of(activation);
            const Mlp mlp(layout, "net", features, 2, settings);
            Tape tape(layout);
            const Tensor y = mlp(tape.input("obs", features));
            return judge(tape.program(mean(sum(y * tape.input("cotangent", 2), Axis::columns))), 1, options);
          }};
}

GradientCheck distribution_check(const DistributionSettings& settings, bool discrete) {
  const std::string form = discrete ? settings.log_prob : settings.spread + "/" + settings.spread_is;
  return {settings.name + ":" + form, "distribution", [=](const CheckOptions& options) {
            ParameterLayout layout;
            const auto d = make_distribution(settings, few_choices, discrete, "the check");
            const Mlp mlp(layout, "policy", features, d->network_outputs(), {});
            d->add_parameters(layout, "policy");
            CheckReport report;
            for (const char* what : {"log_prob", "entropy", "kl"}) {
              Tape tape(layout);
              const Tensor z = mlp(tape.input("obs", features));
              const std::string name = what;
              const Tensor y = name == "log_prob" ? d->log_prob(z, d->action_input(tape, "action"))
                               : name == "entropy"
                                   ? d->entropy(z)
                                   : d->kl(d->statistics(mlp(tape.input("other", features))), d->statistics(z));
              CheckReport one = judge(tape.program(mean(y * tape.input("cotangent", 1))), few_choices, options);
              one.where = name + ", " + one.where;
              one.words = name + ", " + one.words;
              report = worse(std::move(report), std::move(one));
            }
            return report;
          }};
}

}  // namespace

std::vector<GradientCheck> library_checks() {
  std::vector<GradientCheck> all;
  for (const Op* op : builtin_ops())
    if (op != &op_of<StopGradient>()) all.push_back(op_check(*op));
  for (const std::string& activation : activation_names()) all.push_back(layer_check(activation));
  DistributionSettings s;
  for (const char* form : {"log_softmax", "log_of_softmax"}) {
    s.log_prob = form;
    all.push_back(distribution_check(s, true));
  }
  s.name = "gaussian";
  for (const char* spread : {"fixed", "learned", "state"})
    for (const char* is : {"log_std", "log_variance"}) {
      s.spread = spread, s.spread_is = is;
      all.push_back(distribution_check(s, false));
    }
  return all;
}

std::vector<GradientCheck> recipe_checks(const std::string& name, const TrainSettings& settings,
                                         const Registry& environments) {
  static_cast<void>(make_algorithm(settings, environments));
  const TrainSettings& s = settings;
  const bool joint = s.algorithm == "ppo" || s.algorithm == "a2c-joint";
  const bool natural = s.algorithm == "npg" || s.algorithm == "trpo";
  const auto agent = std::make_shared<Agent<double>>(environments.spec(s.environment), s.policy,
                                                     s.algorithm == "reinforce" ? nullptr : &s.critic,
                                                     static_cast<std::uint64_t>(s.seed));
  std::vector<GradientCheck> all;
  const auto add = [&](const char* loss, const Program& program) {
    const int below = agent->distribution().actions();
    all.push_back(
        {name + ", " + loss, "loss", [=](const CheckOptions& options) { return judge(program, below, options); }});
  };
  if (joint) {
    add("joint", s.algorithm == "ppo" ? ppo_loss(*agent, s) : a2c_loss(*agent, s));
  } else {
    add("policy", natural ? surrogate_loss(*agent, s.policy.entropy_bonus)
                          : policy_gradient_loss(*agent, s.policy.entropy_bonus, s.policy.loss_reduction));
    if (agent->has_critic()) add("critic", critic_loss(*agent, s.critic));
  }
  return all;
}

}  // namespace pigrad
