#pragma once
#include "fields.hpp"

namespace pigrad {

/// The names of rl/losses.cpp's reductions: what a loss does with its rows' terms.
inline Choices loss_reductions() { return {"mean", "sum", "per_episode"}; }
inline constexpr const char* loss_reduction_words =
    "of the rows' terms: their mean, their sum, or their sum divided by the number of the epoch's episodes";

}  // namespace pigrad
