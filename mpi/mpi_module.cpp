#include <string>

#include "mpi_job.hpp"

/// What the program finds in pigrad-mpi.so, which alone needs MPI's libraries. Null, and why in `words`, if MPI does
/// not start.
extern "C" pigrad::MpiJob* pigrad_join_mpi(const pigrad::MpiSettings* settings, std::string* words) {
  try {
    return pigrad::join_mpi(*settings).release();
  } catch (const std::exception& fault) {
    *words = fault.what();
    return nullptr;
  }
}
