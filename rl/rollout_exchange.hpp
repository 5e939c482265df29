#pragma once
#include <vector>

#include "../core/group.hpp"
#include "rollout.hpp"

namespace pigrad {

/// What ranks of a group tell one another of a rollout whose copies are dealt to them by Group::part.
template <class T>
class RolloutExchange {
 public:
  /// A panel of the caller's: the value of step t, copy e, plane p at data[p·stride + t·copies + e].
  struct Panel {
    void* data;
    std::size_t element;  ///< bytes of a value
    int planes, steps;
    std::ptrdiff_t stride;  ///< values between two planes
  };

  /// Fills in the other ranks' copies: all of the rollout but episodes, and `more`; of rows that ended an episode its
  /// return and length too.
  /// @param fault see Exchange
  void operator()(Group& group, Rollout<T>& rollout, const std::vector<Panel>& more, double* episode_return,
                  std::int32_t* episode_length, const std::string& fault);

 private:
  std::vector<Panel> panels_;
  std::vector<unsigned char> room_, room_of_ends_;
};

}  // namespace pigrad
