#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/group_sum.hpp>
#include <pigrad/core/shards.hpp>
#include <pigrad/mpi/mpi_job.hpp>
#include <pigrad/rl/algorithm.hpp>

#include "training_settings.hpp"

// mpirun -n N bench_ranks [ROUNDS]: what processes of an MPI job cost one another, and an epoch of theirs beside it.

namespace {

using namespace pigrad;
using namespace pigrad::bench;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Counts what goes through a group, and how long this rank was in it.
class Metered final : public Group {
 public:
  explicit Metered(Group& group) : group_(group) {}
  int rank() const override { return group_.rank(); }
  int size() const override { return group_.size(); }
  void gather(void* data, const std::vector<std::size_t>& begins) override {
    count(gathers, begins.back(), [&] { group_.gather(data, begins); });
  }
  void broadcast(int root, void* data, std::size_t size) override {
    count(sums, size, [&] { group_.broadcast(root, data, size); });
  }
  void send(int to, const void* data, std::size_t size) override {
    count(sums, 0, [&] { group_.send(to, data, size); });
  }
  void receive(int from, void* data, std::size_t size) override {
    count(sums, 0, [&] { group_.receive(from, data, size); });
  }

  struct Count {
    double calls = 0, bytes = 0, seconds = 0;
  };
  Count gathers, sums;

 private:
  template <class Call>
  void count(Count& to, std::size_t bytes, const Call& call) {
    const auto begin = Clock::now();
    call();
    to.seconds += since(begin);
    to.bytes += static_cast<double>(bytes);
    to.calls += bytes > 0;
  }
  Group& group_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Median seconds of a call on this rank, all ranks beginning together.
template <class Call>
double time_of(Group& group, int rounds, const Call& call) {
  std::vector<double> seconds;
  char token = 0;
  for (int i = 0; i < rounds; ++i) {
    for (int r = 0; r < group.size(); ++r) group.broadcast(r, &token, 1);
    const auto begin = Clock::now();
    call();
    seconds.push_back(since(begin));
  }
  return median(seconds);
}

void exchange(Group& group, int rounds) {
  const bool says = group.rank() == 0;
  if (says) std::printf("%12s %14s %14s\n", "bytes", "sum, µs", "gather, µs");
  for (const std::size_t bytes : {8u, 1024u, 16384u, 65536u, 262144u, 1048576u, 16777216u}) {
    std::vector<float> own(bytes / sizeof(float)), scratch(own.size());
    const int shards = Shards::most;
    const auto sum = [&] {
      add_up_ranks(
          group, shards, scratch.data(), own.size(), [&](int, float* out) { std::copy(own.begin(), own.end(), out); },
          [&](int, const float* in) {
            for (std::size_t j = 0; j < own.size(); ++j) own[j] += in[j];
          },
          [&](const float* in) { std::copy_n(in, own.size(), own.data()); });
    };
    std::vector<std::size_t> begins;
    for (int r = 0; r <= group.size(); ++r)
      begins.push_back(bytes * static_cast<std::size_t>(r) / static_cast<std::size_t>(group.size()));
    const int times = bytes > 1000000 ? std::max(3, rounds / 10) : rounds;
    const double summed = time_of(group, times, sum);
    const double gathered = time_of(group, times, [&] { group.gather(own.data(), begins); });
    if (says) std::printf("%12zu %14.1f %14.1f\n", bytes, 1e6 * summed, 1e6 * gathered);
  }
}

void epochs(Group& group, const char* name, const TrainSettings& settings, int rounds) {
  const Registry environments = Registry::builtin();
  const auto alone = make_algorithm(settings, environments), together = make_algorithm(settings, environments);
  Metered metered(group);
  together->share(metered);
  double alone_seconds = 0;
  char token = 0;
  if (group.rank() == 0) {
    std::vector<double> seconds;
    for (int i = 0; i < rounds + 2; ++i) {
      const auto begin = Clock::now();
      alone->epoch(1);
      if (i >= 2) seconds.push_back(since(begin));
    }
    alone_seconds = median(seconds);
  }
  group.broadcast(0, &token, 1);
  together->epoch(1);
  metered.gathers = metered.sums = {};
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    together->epoch(1);
    seconds.push_back(since(begin));
  }
  if (group.rank() != 0) return;
  const auto per = [&](double x) { return x / rounds; };
  std::printf(
      "%-16s alone %9.0f µs, together %9.0f µs (%.2f×); gathers %.0f, %.0f kB, %.0f µs; sums %.0f, %.0f kB, %.0f µs\n",
      name, 1e6 * alone_seconds, 1e6 * median(seconds), alone_seconds / median(seconds), per(metered.gathers.calls),
      per(metered.gathers.bytes) / 1e3, 1e6 * per(metered.gathers.seconds), per(metered.sums.calls),
      per(metered.sums.bytes) / 1e3, 1e6 * per(metered.sums.seconds));
}

TrainSettings of_copies(int copies) {
  TrainSettings s = a2c_copies();
  s.copies = copies;
  return s;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto job = join_mpi();
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 100;
  if (job->rank() == 0)
    std::printf("%d ranks, one thread each, %s, %d rounds, medians of rank 0\n", job->size(),
                find_backend<float>().name, rounds);
  exchange(*job, rounds);
  epochs(*job, "A2C 64 × 16", a2c_copies(), rounds);
  epochs(*job, "PPO 64 × 128", ppo_copies(), std::max(3, rounds / 10));
  epochs(*job, "A2C 1024 × 16", of_copies(1024), std::max(3, rounds / 10));
  epochs(*job, "A2C 16384 × 16", of_copies(16384), std::max(3, rounds / 50));
  epochs(*job, "A2C 65536 × 16", of_copies(65536), std::max(3, rounds / 100));
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
