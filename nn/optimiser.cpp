#include "optimiser.hpp"

#include <cmath>

#include "optimisers/list.hpp"

namespace pigrad {
namespace {

template <class T>
struct Entry {
  const char* name;
  std::unique_ptr<Optimiser<T>> (*make)(const OptimiserSettings&, ParameterRange);
};

template <class T>
constexpr Entry<T> list[] = {
    {"sgd", make_sgd<T>}, {"adam", make_adam<T>}, {"adamw", make_adamw<T>}, {"rmsprop", make_rmsprop<T>}};

template <class T>
const Entry<T>& find(const std::string& name) {
  std::string names;
  for (const Entry<T>& entry : list<T>) {
    if (name == entry.name) return entry;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error("optimiser", "unknown name \"" + name + "\"", "use one of: " + names);
}

void check_number(const char* name, double value, double above, double limit, bool open, const char* cure) {
  if (value >= above && (open ? value < limit : value <= limit)) return;
  throw Error(std::string("optimiser.") + name, "the value is " + std::to_string(value), cure);
}

void check_belongs(const OptimiserSettings& s, bool used, const char* setting, const char* owners) {
  if (used)
    throw Error(std::string("optimiser.") + setting, s.name + " has no such setting",
                std::string("leave it at its default, or use ") + owners);
}

void check(const OptimiserSettings& s) {
  const double most = 1e300;
  const char* not_negative = "give a finite number ≥ 0";
  check_number("learning_rate", s.learning_rate, 0, most, false, not_negative);
  check_number("weight_decay", s.weight_decay, 0, most, false, not_negative);
  check_number("momentum", s.momentum, 0, most, false, not_negative);
  check_number("dampening", s.dampening, -most, most, false, "give a finite number");
  check_number("epsilon", s.epsilon, 0, most, false, not_negative);
  check_number("initial_mean_square", s.initial_mean_square, 0, most, false, not_negative);
  check_number("beta1", s.beta1, 0, 1, true, "give a number in [0, 1)");
  check_number("beta2", s.beta2, 0, 1, true, "give a number in [0, 1)");
  check_number("alpha", s.alpha, 0, 1, false, "give a number in [0, 1]");
  const bool sgd = s.name == "sgd", rmsprop = s.name == "rmsprop";
  check_belongs(s, s.momentum != 0 && !sgd && !rmsprop, "momentum", "sgd or rmsprop");
  check_belongs(s, s.dampening != 0 && !sgd, "dampening", "sgd");
  check_belongs(s, s.nesterov && !sgd, "nesterov", "sgd");
  check_belongs(s, s.epsilon_inside && !rmsprop, "epsilon_inside", "rmsprop");
  check_belongs(s, s.centered && !rmsprop, "centered", "rmsprop");
  check_belongs(s, s.initial_mean_square != 0 && !rmsprop, "initial_mean_square", "rmsprop");
  if (s.nesterov && (s.momentum == 0 || s.dampening != 0))
    throw Error("optimiser.nesterov", "it needs a momentum and no dampening",
                "set momentum above 0 and dampening to 0");
}

}  // namespace

OptimiserSettings OptimiserSettings::of(const std::string& name) {
  OptimiserSettings settings;
  settings.name = find<double>(name).name;
  if (name == "rmsprop") settings.learning_rate = 1e-2;
  if (name == "adamw") settings.weight_decay = 1e-2;
  return settings;
}

std::vector<std::string> optimiser_names() {
  std::vector<std::string> names;
  for (const Entry<double>& entry : list<double>) names.emplace_back(entry.name);
  return names;
}

template <class T>
std::unique_ptr<Optimiser<T>> make_optimiser(const OptimiserSettings& settings, ParameterRange range) {
  const Entry<T>& entry = find<T>(settings.name);
  check(settings);
  if (range.begin < 0 || range.end <= range.begin)
    throw Error("optimiser",
                "the range [" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ") is empty",
                "give a range of at least one parameter");
  return entry.make(settings, range);
}

template <class T>
Optimiser<T>::Optimiser(const OptimiserSettings& settings, ParameterRange range, std::vector<const char*> state_names)
    : settings_(settings), range_(range), names_(std::move(state_names)) {
  arrays_.assign(names_.size(), std::vector<T>(static_cast<std::size_t>(range.size()), T(0)));
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
  parameters.touch();
}

template <class T>
void Optimiser<T>::set_learning_rate(double rate) {
  check_number("learning_rate", rate, 0, 1e300, false, "give a finite number ≥ 0");
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
  for (std::size_t i = 0; i < names_.size(); ++i) result.push_back({names_[i], arrays_[i].data(), range_.size()});
  return result;
}

template class Optimiser<float>;
template class Optimiser<double>;
template std::unique_ptr<Optimiser<float>> make_optimiser(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_optimiser(const OptimiserSettings&, ParameterRange);

}  // namespace pigrad
