#pragma once
#include <functional>
#include <memory>
#include <string>

#include "../mpi/mpi_job.hpp"
#include "../rl/algorithm.hpp"
#include "launch.hpp"

namespace pigrad::app {

/// The processes that train one run together, seen from rank 0, which alone has the run: it reads settings, writes
/// files, shows and evaluates, and tells the others what comes next.
class Ranks {
 public:
  /// @param device what each of them trains on (make_algorithm_on), a device of its own
  Ranks(const Launch& launch, double patience, const std::string& device);
  ~Ranks();

  int size() const;
  /// Sends the algorithm's whole state to the others, which go on as it does; from now on they share it.
  /// @param folder of the run, for what they may have to say
  void begin(Algorithm& algorithm, const std::string& folder);
  /// All do next what this one does: an epoch, or saving the algorithm. Returns the first signal that one of the others
  /// has got, or 0.
  int epoch();
  int save();
  /// All are done. False if they do not say so within some seconds.
  bool end(double seconds);

  /// What the others do until rank 0 ends it. Returns their exit status.
  int follow(int threads);
  bool leads() const;
  /// Says, as the lowest rank that is left, that one is lost and how to go on, and ends the job.
  [[noreturn]] void mourn(const RankLost& lost);
  [[noreturn]] void abort(int status);

 private:
  enum class Order : int { begin, epoch, save, end };
  int give(Order order);
  Order await(int signal);
  void check_alike();
  int obey(int threads);

  std::unique_ptr<MpiJob> job_;
  double patience_;
  std::string device_, folder_;
};

/// `pigrad train` in a process of an MPI job: rank 0 does `lead`, the others follow it. Says what went wrong, once, and
/// returns the exit status.
/// @param device see Ranks
int on_ranks(const Launch& launch, double patience, int threads, const std::string& device,
             const std::function<int(Ranks&)>& lead);

}  // namespace pigrad::app
