#pragma once
#include <memory>

#include "../optimiser.hpp"

namespace pigrad {

// One maker an optimiser, each in its own file; optimiser.cpp lists them by name.
template <class T>
std::unique_ptr<Optimiser<T>> make_sgd(const OptimiserSettings& settings, ParameterRange range);
template <class T>
std::unique_ptr<Optimiser<T>> make_adam(const OptimiserSettings& settings, ParameterRange range);
template <class T>
std::unique_ptr<Optimiser<T>> make_adamw(const OptimiserSettings& settings, ParameterRange range);
template <class T>
std::unique_ptr<Optimiser<T>> make_rmsprop(const OptimiserSettings& settings, ParameterRange range);

}  // namespace pigrad
