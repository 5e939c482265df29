#include "mpi_waiting.hpp"

#include <sched.h>
#include <signal.h>
#include <time.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace pigrad::mpi {
namespace {

double now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Gone, or ended and not yet waited for.
bool has_ended(long long id) {
  if (::kill(static_cast<pid_t>(id), 0) != 0) return errno == ESRCH;
  std::ifstream file("/proc/" + std::to_string(id) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return false;
  const auto name_end = line.rfind(") ");  // a name may hold anything
  return name_end != std::string::npos && name_end + 2 < line.size() &&
         (line[name_end + 2] == 'Z' || line[name_end + 2] == 'X');
}

constexpr double eager = 50e-6, awake = 2e-3, between_checks = 20e-3;
constexpr long nap = 100'000;  // ns

}  // namespace

Neighbours::Neighbours(std::vector<Process> all, int self) : all_(std::move(all)) {
  const auto& own = all_[static_cast<std::size_t>(self)];
  for (int rank = 0; rank < static_cast<int>(all_.size()); ++rank) {
    const Process& other = all_[static_cast<std::size_t>(rank)];
    if (rank != self && std::strcmp(other.host, own.host) == 0 && !has_ended(other.id)) seen_.push_back(rank);
  }
}

std::vector<int> Neighbours::gone() const {
  std::vector<int> ranks;
  for (const int rank : seen_)
    if (has_ended(all_[static_cast<std::size_t>(rank)].id)) ranks.push_back(rank);
  return ranks;
}

std::string Neighbours::name(int rank) const {
  const Process& p = all_[static_cast<std::size_t>(rank)];
  return "rank " + std::to_string(rank) + ", process " + std::to_string(p.id) + " on " + p.host;
}

Waiting::Waiting() : begin_(now()), next_check_(between_checks) {}

double Waiting::seconds() const { return now() - begin_; }

bool Waiting::turn() {
  const double waited = seconds();
  if (waited < eager) return false;
  if (waited < awake) {
    ::sched_yield();
    return false;
  }
  const timespec pause{0, nap};
  ::nanosleep(&pause, nullptr);
  if (waited < next_check_) return false;
  next_check_ = waited + between_checks;
  return true;
}

}  // namespace pigrad::mpi
