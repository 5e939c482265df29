#pragma once
#include <string>
#include <vector>

#include "settings.hpp"

namespace pigrad {

/// A setting that changes nothing in a run of these settings.
struct Unread {
  std::string key;
  std::string because;  ///< "reinforce does not read it", "policy.optimiser.name is adam"
};

/// The settings away from their defaults that a run does not read: those that its algorithm leaves alone
/// (AlgorithmEntry::ignores), and those of a choice that another setting did not make. tests/rl_unread.cpp holds the
/// list against what runs do.
std::vector<Unread> unread_settings(const TrainSettings& settings);

}  // namespace pigrad
