#pragma once
#include <string>
#include <vector>

namespace pigrad::mpi {

/// A process of a job, as it is told to the others.
struct Process {
  char host[248];
  long long id;
};

/// Of a job's processes those that this one can see, by the machine's own list of processes.
class Neighbours {
 public:
  Neighbours(std::vector<Process> all, int self);

  /// Ranks whose processes have ended.
  std::vector<int> gone() const;
  std::string name(int rank) const;
  const std::vector<Process>& all() const { return all_; }

 private:
  std::vector<Process> all_;
  std::vector<int> seen_;  ///< ranks
};

/// A wait that looks again: at first at once, then after other threads had their turn, then after short sleeps.
class Waiting {
 public:
  Waiting();
  /// Call it after each look that found nothing; returns true about each 20 ms.
  bool turn();
  double seconds() const;

 private:
  double begin_, next_check_;
};

}  // namespace pigrad::mpi
