#include "update.hpp"

#include <algorithm>

namespace pigrad {
namespace {

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
DeviceDescent<T>::DeviceDescent(const Descent<T>& descent, int most_rows, int most_steps, int first_mover)
    : descent_(descent),
      workspace_(*descent.loss, most_rows),
      gradient_(std::vector<T>(at(descent.loss->parameters().size()))),
      fixed_(std::vector<T>(descent.loss->inputs().size())),
      first_mover_(first_mover) {
  for (const Mover<T>& mover : descent.movers) {
    optimisers_.emplace_back(*mover.optimiser, mover.choice.max_grad_norm, static_cast<int>(optimisers_.size()),
                             most_steps);
    schedules_.emplace_back(mover.choice.schedule);
  }
  const std::vector<std::string> known = {"obs",   "action", "log_prob", "weight",   "target",
                                          "value", "time",   "factor",   "boot_obs", "boot_time"};
  for (std::size_t i = 0; i < descent.loss->inputs().size(); ++i) {
    const InputSlot& input = descent.loss->inputs()[i];
    if (!input.shape.is_batch())
      workspace_.input(static_cast<int>(i), fixed_.data() + i, 1);
    else if (std::find(known.begin(), known.end(), input.name) == known.end())
      throw Error("--device cuda", "this loss reads '" + input.name + "', which has no form there yet",
                  "use --device cpu");
  }
  for (const OutputSlot& output : descent.loss->outputs())
    if (!descent.loss->node(output.node).shape.is_batch()) outputs_.push_back(output.name);
}

template <class T>
std::size_t DeviceDescent<T>::bytes(const Descent<T>& descent, int most_rows, int most_steps, int ranks) {
  const std::size_t scalars = at(descent.loss->parameters().size()) + descent.loss->inputs().size();
  std::size_t bytes = DeviceWorkspace<T>::bytes(*descent.loss, most_rows) + scalars * sizeof(T);
  if (ranks > 1 && !descent.loss->row_mixing()) bytes += DeviceWorkspace<T>::bytes_of_sharing(*descent.loss, ranks);
  for (const Mover<T>& mover : descent.movers) bytes += DeviceOptimiser<T>::bytes(*mover.optimiser, most_steps);
  return bytes;
}

template <class T>
void DeviceDescent<T>::share(DeviceGroup& group) {
  if (descent_.loss->row_mixing()) return;
  workspace_.share(group);
  group_ = &group;
}

template <class T>
int DeviceDescent<T>::slot(const std::string& name) const {
  const auto& inputs = descent_.loss->inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].name == name) return static_cast<int>(i);
  return -1;
}

template <class T>
void DeviceDescent<T>::bind(const T* parameters, const Data& data, const std::int32_t* order, int begin, int count) {
  const DeviceRollout<T>& r = *data.rollout;
  const Part part = group_ ? group_->part(count) : Part{0, count};
  begin += part.begin;
  const std::ptrdiff_t ld = r.rows(), first = order ? 0 : begin;
  workspace_.parameters(parameters);
  workspace_.order(order ? order + begin : nullptr);
  workspace_.rows(part.size(), count);
  const auto input = [&](const char* name, const T* from) {
    if (const int s = slot(name); s >= 0) workspace_.input(s, from + first, ld);
  };
  input("obs", r.obs.data());
  input("log_prob", r.log_prob.data());
  input("weight", data.weight);
  input("target", data.target);
  input("value", data.value);
  input("time", data.estimates->time());
  input("factor", data.estimates->factor());
  input("boot_obs", data.estimates->boot_obs());
  input("boot_time", data.estimates->boot_time());
  if (const int s = slot("action"); s >= 0) {
    if (r.action_size == 0)
      workspace_.index(s, r.index.data() + first);
    else
      workspace_.input(s, r.action.data() + first, ld);
  }
}

template <class T>
void DeviceDescent<T>::set(const std::string& input, const double* value) {
  if (const int s = slot(input); s >= 0) set_number(value, fixed_.data() + s);
}

template <class T>
T* DeviceDescent<T>::fixed(const std::string& input) {
  const int s = slot(input);
  return s < 0 ? nullptr : fixed_.data() + s;
}

template <class T>
void DeviceDescent<T>::plan(int round, int rounds, RoundNumbers& numbers) {
  for (std::size_t i = 0; i < optimisers_.size(); ++i) {
    optimisers_[i].set_learning_rate(schedules_[i].value(descent_.movers[i].choice.learning_rate, round, rounds));
    numbers.optimisers[at(first_mover_) + i] = {optimisers_[i].learning_rate(), optimisers_[i].steps()};
  }
}

template <class T>
void DeviceDescent<T>::begin_round(const RoundNumbers* numbers) {
  for (std::size_t i = 0; i < optimisers_.size(); ++i)
    optimisers_[i].begin_round(&numbers->optimisers[at(first_mover_) + i]);
}

template <class T>
std::vector<const T*> DeviceDescent<T>::numbers() const {
  std::vector<const T*> all = {workspace_.loss()};
  for (const std::string& name : outputs_) all.push_back(workspace_.output(name).data);
  return all;
}

template <class T>
int DeviceDescent<T>::run(DeviceRecords<T>& records) {
  workspace_.run();
  return records.add(numbers(), {});
}

template <class T>
int DeviceDescent<T>::step(T* parameters, DeviceVerdict* verdict, double most_kl, double* scratch,
                           DeviceRecords<T>& records) {
  workspace_.run(gradient_.data());
  for (const auto& optimiser : optimisers_) optimiser.judge(workspace_.loss(), gradient_.data(), verdict, scratch);
  const int record = records.add(numbers(), {&verdict->norm[0], &verdict->norm[1], &verdict->held});
  if (most_kl > 0) hold_above(workspace_.output("approx_kl").data, most_kl, verdict);
  for (auto& optimiser : optimisers_) optimiser.step(parameters, gradient_.data(), verdict);
  return record;
}

/// In a record; −1 for what the loss does not give.
template <class T>
int DeviceDescent<T>::place(const std::string& output) const {
  const auto found = std::find(outputs_.begin(), outputs_.end(), output);
  return found == outputs_.end() ? -1 : static_cast<int>(found - outputs_.begin()) + 1;
}

template class DeviceDescent<float>;
template class DeviceDescent<double>;

}  // namespace pigrad
