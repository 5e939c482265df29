#include "optimiser.hpp"

#include <algorithm>
#include <cmath>

#include "optimisers/list.hpp"

namespace pigrad {
namespace {

using Words = std::vector<std::string>;

template <class T>
struct Entry {
  const char* name;
  std::unique_ptr<Optimiser<T>> (*make)(const OptimiserSettings&, ParameterRange);
  Words reads;  ///< settings beside those that all read
};

template <class T>
const std::vector<Entry<T>>& list() {
  static const Words adam = {"beta1", "beta2", "epsilon"};
  static const std::vector<Entry<T>> entries = {
      {"sgd", make_sgd<T>, {"momentum", "dampening", "nesterov"}},
      {"adam", make_adam<T>, adam},
      {"adamw", make_adamw<T>, adam},
      {"rmsprop",
       make_rmsprop<T>,
       {"momentum", "alpha", "epsilon", "epsilon_inside", "initial_mean_square", "centered"}}};
  return entries;
}

bool holds(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <class T>
const Entry<T>& find(const std::string& name) {
  std::string names;
  for (const Entry<T>& entry : list<T>()) {
    if (name == entry.name) return entry;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error("optimiser", "unknown name \"" + name + "\"", "use one of: " + names);
}

struct Check {
  const OptimiserSettings& settings;
  const std::string& where;

  void number(const char* name, double value, double least, double most, bool open, const char* cure) const {
    if (value >= least && (open ? value < most : value <= most)) return;
    throw Error(where + "." + name, "the value is " + std::to_string(value), cure);
  }
  void belongs(bool used, const char* setting) const {
    if (!used || optimiser_reads(settings.name, setting)) return;
    std::string owners;
    for (const Entry<double>& entry : list<double>())
      if (holds(entry.reads, setting)) owners += (owners.empty() ? "" : " or ") + std::string(entry.name);
    throw Error(where + "." + setting, settings.name + " has no such setting",
                "leave it at its default, or use " + owners);
  }
};

}  // namespace

OptimiserSettings OptimiserSettings::of(const std::string& name) {
  OptimiserSettings settings;
  settings.name = find<double>(name).name;
  if (name == "rmsprop") settings.learning_rate = 1e-2;
  if (name == "adamw") settings.weight_decay = 1e-2;
  return settings;
}

bool optimiser_reads(const std::string& name, const std::string& setting) {
  static const Words all = {"learning_rate", "weight_decay", "maximise"};
  return holds(all, setting) || holds(find<double>(name).reads, setting);
}

std::vector<std::string> optimiser_names() {
  std::vector<std::string> names;
  for (const Entry<double>& entry : list<double>()) names.emplace_back(entry.name);
  return names;
}

void check_optimiser(const OptimiserSettings& s, const std::string& where) {
  const Check check{s, where};
  const double most = 1e300;
  const char* not_negative = "give a finite number ≥ 0";
  check.number("learning_rate", s.learning_rate, 0, most, false, not_negative);
  check.number("weight_decay", s.weight_decay, 0, most, false, not_negative);
  check.number("momentum", s.momentum, 0, most, false, not_negative);
  check.number("dampening", s.dampening, -most, most, false, "give a finite number");
  check.number("epsilon", s.epsilon, 0, most, false, not_negative);
  check.number("initial_mean_square", s.initial_mean_square, 0, most, false, not_negative);
  check.number("beta1", s.beta1, 0, 1, true, "give a number in [0, 1)");
  check.number("beta2", s.beta2, 0, 1, true, "give a number in [0, 1)");
  check.number("alpha", s.alpha, 0, 1, false, "give a number in [0, 1]");
  check.belongs(s.momentum != 0, "momentum");
  check.belongs(s.dampening != 0, "dampening");
  check.belongs(s.nesterov, "nesterov");
  check.belongs(s.epsilon_inside, "epsilon_inside");
  check.belongs(s.centered, "centered");
  check.belongs(s.initial_mean_square != 0, "initial_mean_square");
  if (s.nesterov && (s.momentum == 0 || s.dampening != 0))
    throw Error(where + ".nesterov", "it needs a momentum and no dampening", "set momentum above 0 and dampening to 0");
}

template <class T>
std::unique_ptr<Optimiser<T>> make_optimiser(const OptimiserSettings& settings, ParameterRange range) {
  const Entry<T>& entry = find<T>(settings.name);
  check_optimiser(settings);
  if (range.begin < 0 || range.end <= range.begin)
    throw Error("optimiser",
                "the range [" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ") is empty",
                "give a range of at least one parameter");
  return entry.make(settings, range);
}

template <class T>
Optimiser<T>::Optimiser(const OptimiserSettings& settings, ParameterRange range, std::vector<const char*> state_names)
    : settings_(settings), range_(range), names_(std::move(state_names)) {
  arrays_.assign(names_.size(), AlignedVector<T>(phase() + static_cast<std::size_t>(range.size()), T(0)));
}

template <class T>
void Optimiser<T>::step(Parameters<T>& parameters, const T* gradient) {
  if (range_.end > parameters.size())
    throw Error("optimiser",
                "its range ends at " + std::to_string(range_.end) + " but there are " +
                    std::to_string(parameters.size()) + " parameters",
                "step the parameters for which it was made");
  ++steps_;
  update(parameters.data() + range_.begin, gradient + range_.begin, range_.size());
  parameters.touch(range_);
}

template <class T>
void Optimiser<T>::set_learning_rate(double rate) {
  const std::string where = "optimiser";
  Check{settings_, where}.number("learning_rate", rate, 0, 1e300, false, "give a finite number ≥ 0");
  settings_.learning_rate = rate;
}

template <class T>
void Optimiser<T>::set_steps(std::int64_t steps) {
  if (steps < 0) throw Error("optimiser.steps", "the count is " + std::to_string(steps), "give a number ≥ 0");
  steps_ = steps;
}

template <class T>
std::vector<OptimiserState<T>> Optimiser<T>::state() {
  std::vector<OptimiserState<T>> result;
  for (std::size_t i = 0; i < names_.size(); ++i) result.push_back({names_[i], state_data(i), range_.size()});
  return result;
}

template <class T>
std::vector<OptimiserState<const T>> Optimiser<T>::state() const {
  std::vector<OptimiserState<const T>> result;
  for (const auto& array : const_cast<Optimiser&>(*this).state())
    result.push_back({array.name, array.data, array.size});
  return result;
}

template class Optimiser<float>;
template class Optimiser<double>;
template std::unique_ptr<Optimiser<float>> make_optimiser(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_optimiser(const OptimiserSettings&, ParameterRange);

}  // namespace pigrad
