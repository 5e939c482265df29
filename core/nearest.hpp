#pragma once
#include <string>
#include <vector>

namespace pigrad {

/// Keystrokes that turn one word into the other: insert, delete, change, or swap neighbours; case costs nothing.
int edit_distance(const std::string& a, const std::string& b);

/// The known name that `name` was probably meant to be; empty if none is near.
std::string nearest(const std::string& name, const std::vector<std::string>& known);

/// "did you mean \"gamma\"? " if a name is near, else nothing: to begin an error's cure.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& known);

}  // namespace pigrad
