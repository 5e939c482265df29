#include "launch.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>

#include "../core/error.hpp"
#include "../core/parallel.hpp"

namespace pigrad::app {
namespace {

/// The first of these variables that holds a number; else −1.
int number(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* text = std::getenv(name);
    if (text == nullptr) continue;
    int value = -1;
    const char* end = text + std::strlen(text);
    const auto read = std::from_chars(text, end, value);
    if (read.ec == std::errc() && read.ptr == end && value >= 0) return value;
  }
  return -1;
}

}  // namespace

Launch launched() {
  const char* asked = std::getenv("PIGRAD_MPI");
  const std::string choice = asked == nullptr ? "auto" : asked;
  if (choice == "off") return {};
  if (choice != "auto" && choice != "on")
    throw Error("PIGRAD_MPI", "\"" + choice + "\" is no choice", "give auto, on or off, or leave it out");
  Launch launch;
  // srun counts a step's processes for every program; only with PMIx or PMI are they an MPI job.
  const bool pmix = std::getenv("PMIX_RANK") != nullptr;
  launch.size = std::max(1, number({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", pmix ? "SLURM_STEP_NUM_TASKS" : "PMI_SIZE"}));
  if (launch.size > 1) {
    launch.rank = std::max(0, number({"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"}));
    launch.here = std::max(1, number({"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"}));
    launch.place = std::max(0, number({"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}));
  }
  launch.joins = launch.size > 1 || choice == "on";
  return launch;
}

int threads_of(const Launch& launch) {
  const int usable = hardware_threads();
  if (launch.here == 1 || usable < ::sysconf(_SC_NPROCESSORS_ONLN)) return usable;
  return std::max(1, usable / launch.here);
}

}  // namespace pigrad::app
