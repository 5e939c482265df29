#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../core/group.hpp"

namespace pigrad {

struct MpiSettings {
  double patience = 600;  ///< seconds without an answer after which another rank counts as lost; 0: for ever
};

/// The processes of an MPI job as a Group. No wait blocks inside MPI: each looks again and again, yields the core, and
/// throws RankLost when a process of this machine has ended or `patience` is over. After RankLost only abort is left.
class MpiJob : public Group {
 public:
  /// A second group of the same ranks, whose messages never meet the first's.
  virtual Group& orders() = 0;
  /// "rank 1, process 4711 on node7".
  virtual std::string name(int rank) const = 0;
  /// Ranks of this machine whose processes have ended.
  virtual std::vector<int> gone() const = 0;
  /// From now on waits give up after so many seconds; 0: never.
  virtual void be_patient(double seconds) = 0;
  /// Ends all processes of the job, this one included.
  virtual void abort(int status) = 0;
};

/// Initialises MPI, unless that is done, and takes in every process of MPI_COMM_WORLD. The job's end finalises what it
/// initialised. All calls of a job are one thread's, the one that joined. Throws Error if MPI does not start.
std::unique_ptr<MpiJob> join_mpi(const MpiSettings& settings = {});

}  // namespace pigrad
