#pragma once

namespace pigrad::app {

/// What a launcher of MPI jobs (mpirun, srun) has put into this process's environment.
struct Launch {
  int rank = 0, size = 1;
  int here = 1;        ///< processes of the job on this machine
  int place = 0;       ///< this one's number among them
  bool joins = false;  ///< the processes are to work together: there are several, or PIGRAD_MPI=on says so
};

/// Open MPI's, MPICH's and Slurm's names are known. PIGRAD_MPI=off: none of it counts, as for a program that a rank of
/// another job starts; on: MPI is joined whatever the environment says.
/// Throws Error if PIGRAD_MPI is neither of these nor auto.
Launch launched();

/// This process may use so many threads: its cores, and where a launcher has not bound it to some, its share of the
/// machine's.
int threads_of(const Launch& launch);

}  // namespace pigrad::app
