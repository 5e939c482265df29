#include "a2c_update.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>

namespace pigrad::bench {

template <class T>
UpdateData<T>::UpdateData(int rows) : rows_(rows) {
  const Random random(7, Purpose::test);
  const auto normals = [&](std::uint32_t stream, int count) {
    std::vector<T> made;
    for (int i = 0; i < count; ++i)
      made.push_back(static_cast<T>(random.normal<float>(stream, static_cast<std::uint64_t>(i))));
    return made;
  };
  obs_ = normals(0, UpdateShape::features * rows);
  advantage_ = normals(1, rows);
  target_ = normals(2, rows);
  box_ = normals(4, UpdateShape::actions * rows);
  for (int i = 0; i < rows; ++i)
    action_.push_back(static_cast<std::int32_t>(random(3, static_cast<std::uint64_t>(i)).a % UpdateShape::actions));
}

namespace {

DistributionSettings head_settings(const UpdateKind& kind) {
  DistributionSettings settings;
  settings.name = kind.gaussian ? "gaussian" : "categorical";
  return settings;
}

Mlp actor_of(UpdateModel& model) {
  Mlp actor(model.layout, "actor", UpdateShape::features, UpdateShape::actions,
            {{model.kind.hidden, model.kind.hidden}});
  model.head->add_parameters(model.layout, "actor");
  return actor;
}

}  // namespace

UpdateModel::UpdateModel(const UpdateKind& which)
    : kind(which),
      head(make_distribution(head_settings(which), UpdateShape::actions, !which.gaussian, "the update")),
      actor(actor_of(*this)),
      critic(layout, "critic", UpdateShape::features, 1, {{which.hidden, which.hidden}}) {}

template <class T>
std::vector<T> UpdateModel::initial() const {
  Parameters<float> start(layout);
  const Initialiser pytorch = Initialiser::parse("pytorch");
  actor.initialise(start, pytorch, pytorch, pytorch, 1);
  critic.initialise(start, pytorch, pytorch, pytorch, 1);
  return std::vector<T>(start.data(), start.data() + start.size());
}

Program UpdateModel::loss() const {
  Tape tape(layout);
  const Tensor obs = tape.input("obs", UpdateShape::features), action = head->action_input(tape, "action");
  const Tensor advantage = tape.input("advantage", 1), target = tape.input("target", 1);
  const Tensor output = actor(obs);
  Tensor log_prob, entropy;
  if (kind.gaussian) {
    log_prob = head->log_prob(output, action);
    entropy = mean(head->entropy(output));
  } else {
    const Tensor log_probs = log_softmax(output);
    log_prob = gather(log_probs, action);
    entropy = -mean(sum(exp(log_probs) * log_probs, Axis::columns));
  }
  const Tensor policy = -mean(log_prob * advantage), value = mean(square(critic(obs) - target));
  return tape.program(policy + UpdateShape::value_weight * value - UpdateShape::entropy_bonus * entropy);
}

template <class T>
TapeUpdate<T>::TapeUpdate(const UpdateModel& model, const UpdateView<T>& data, int threads)
    : options_{threads},
      start_(model.initial<T>()),
      gradient_(start_.size()),
      parameters_(model.layout),
      program_(model.loss()),
      workspace_(program_),
      bindings_(program_) {
  bindings_.parameters(parameters_.data());
  bindings_.input("obs", data.obs, data.rows);
  if (model.kind.gaussian)
    bindings_.input("action", data.box, data.rows);
  else
    bindings_.index("action", data.action);
  bindings_.input("advantage", data.advantage, data.rows);
  bindings_.input("target", data.target, data.rows);
  bindings_.rows(data.rows);
  reset();
}

template <class T>
void TapeUpdate<T>::reset() {
  std::copy(start_.begin(), start_.end(), parameters_.data());
  parameters_.touch();
  OptimiserSettings settings = OptimiserSettings::of("adam");
  settings.learning_rate = UpdateShape::learning_rate;
  adam_ = make_optimiser<T>(settings, {0, parameters_.size()});
}

template <class T>
void TapeUpdate<T>::gradient(T* out) {
  workspace_.run(bindings_, Sink<T>::sum(out), options_);
}

template <class T>
void TapeUpdate<T>::parameters(T* out) const {
  std::copy_n(parameters_.data(), parameters_.size(), out);
}

template <class T>
void TapeUpdate<T>::step() {
  gradient(gradient_.data());
  adam_->step(parameters_, gradient_.data());
}

template <class T>
Difference compare(const ParameterLayout& layout, const std::vector<T>& truth, const std::vector<T>& other,
                   double tolerance) {
  Difference found;
  for (const Segment& s : layout.segments()) {
    double distance = 0, norm = 0;
    for (int i = s.offset; i < s.offset + s.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const auto t = static_cast<double>(truth[at]), d = static_cast<double>(other[at]) - t;
      distance += d * d;
      norm += t * t;
    }
    const double relative = distance == 0 ? 0 : std::sqrt(distance / norm);
    if (!(relative <= found.relative)) found.relative = relative;
    if (!(relative <= tolerance) && found.tensor.empty()) found.tensor = s.name;
  }
  return found;
}

template <class T>
bool agree(const std::string& what, const ParameterLayout& layout, Update<T>& truth, Update<T>& other,
           double tolerance) {
  std::vector<T> a(static_cast<std::size_t>(layout.size())), b = a;
  const auto judge = [&](const char* which) {
    const Difference d = compare(layout, a, b, tolerance);
    std::printf("%s, %s: largest difference of a tensor %.1e of its norm%s%s\n", what.c_str(), which, d.relative,
                d.tensor.empty() ? "" : "; DIFFERS first in ", d.tensor.c_str());
    return d.tensor.empty();
  };
  truth.reset();
  other.reset();
  truth.gradient(a.data());
  other.gradient(b.data());
  const bool gradients = judge("gradient");
  for (int i = 0; i < 5; ++i) truth.step(), other.step();
  truth.parameters(a.data());
  other.parameters(b.data());
  return judge("parameters after 5 Adam steps") && gradients;
}

#define PIGRAD_INSTANTIATE(T)                                                                                \
  template class UpdateData<T>;                                                                              \
  template class TapeUpdate<T>;                                                                              \
  template std::vector<T> UpdateModel::initial() const;                                                      \
  template Difference compare(const ParameterLayout&, const std::vector<T>&, const std::vector<T>&, double); \
  template bool agree(const std::string&, const ParameterLayout&, Update<T>&, Update<T>&, double)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad::bench
