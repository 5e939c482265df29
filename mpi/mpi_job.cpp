#include "mpi_job.hpp"

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "mpi_waiting.hpp"

namespace pigrad {
namespace {

using mpi::Neighbours;
using mpi::Process;
using mpi::Waiting;

/// MPI counts in int.
constexpr std::size_t most_bytes = std::size_t{1} << 30;

void check(int status, const char* call) {
  if (status == MPI_SUCCESS) return;
  char words[MPI_MAX_ERROR_STRING + 1] = {};
  int length = 0;
  MPI_Error_string(status, words, &length);
  throw RankLost(call, words, "look at what mpirun says");
}

/// What both groups of a job share.
struct World {
  std::unique_ptr<Neighbours> neighbours;
  double patience = 0;
};

class Channel : public Group {
 public:
  explicit Channel(const World& world) : world_(&world) {
    check(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "MPI_Comm_dup");
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
  }
  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void free() { MPI_Comm_free(&comm_); }

  void gather(void* data, const std::vector<std::size_t>& begins) override {
    if (begins.back() > most_bytes) {
      for (int r = 0; r < size_; ++r) {
        const std::size_t begin = begins[static_cast<std::size_t>(r)];
        broadcast(r, static_cast<char*>(data) + begin, begins[static_cast<std::size_t>(r) + 1] - begin);
      }
      return;
    }
    counts_.clear();
    places_.clear();
    for (std::size_t r = 0; r + 1 < begins.size(); ++r) {
      places_.push_back(static_cast<int>(begins[r]));
      counts_.push_back(static_cast<int>(begins[r + 1] - begins[r]));
    }
    MPI_Request request;
    check(MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, data, counts_.data(), places_.data(), MPI_BYTE, comm_, &request),
          "MPI_Iallgatherv");
    wait(request, -1, "MPI_Iallgatherv");
  }
  void broadcast(int root, void* data, std::size_t bytes) override {
    in_pieces(data, bytes, [&](char* at, int size) {
      MPI_Request request;
      check(MPI_Ibcast(at, size, MPI_BYTE, root, comm_, &request), "MPI_Ibcast");
      wait(request, root == rank_ ? -1 : root, "MPI_Ibcast");
    });
  }
  void send(int to, const void* data, std::size_t bytes) override {
    in_pieces(const_cast<void*>(data), bytes, [&](char* at, int size) {
      MPI_Request request;
      check(MPI_Isend(at, size, MPI_BYTE, to, 0, comm_, &request), "MPI_Isend");
      wait(request, to, "MPI_Isend");
    });
  }
  void receive(int from, void* data, std::size_t bytes) override {
    in_pieces(data, bytes, [&](char* at, int size) {
      MPI_Request request;
      check(MPI_Irecv(at, size, MPI_BYTE, from, 0, comm_, &request), "MPI_Irecv");
      wait(request, from, "MPI_Irecv");
    });
  }

 private:
  template <class Body>
  static void in_pieces(void* data, std::size_t bytes, const Body& body) {
    auto* at = static_cast<char*>(data);
    for (std::size_t done = 0; done < bytes; done += most_bytes)
      body(at + done, static_cast<int>(std::min(most_bytes, bytes - done)));
  }

  /// @param peer −1: all
  void wait(MPI_Request& request, int peer, const char* call) {
    int done = 0;
    check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), call);
    if (done) return;
    for (Waiting waiting;;) {
      check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), call);
      if (done) return;
      if (!waiting.turn()) continue;
      const std::vector<int> gone = world_->neighbours->gone();
      if (!gone.empty())
        throw RankLost(world_->neighbours->name(gone.front()), "it has ended in the middle of the run",
                       "go on from the last checkpoint");
      if (world_->patience > 0 && waiting.seconds() > world_->patience)
        throw RankLost(peer < 0 ? "a rank" : world_->neighbours->name(peer),
                       "it has not answered for " + std::to_string(static_cast<long>(world_->patience)) + " s",
                       "go on from the last checkpoint");
    }
  }

  const World* world_;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  std::vector<int> counts_, places_;
};

class Job final : public MpiJob {
 public:
  explicit Job(const MpiSettings& settings) : ours_(begin()), data_(world_), orders_(world_) {
    world_.patience = settings.patience;
    std::vector<Process> all(static_cast<std::size_t>(size()));
    Process& own = all[static_cast<std::size_t>(rank())];
    ::gethostname(own.host, sizeof own.host - 1);
    own.id = ::getpid();
    check(MPI_Allgather(MPI_IN_PLACE, 0, MPI_BYTE, all.data(), sizeof(Process), MPI_BYTE, MPI_COMM_WORLD),
          "MPI_Allgather");
    world_.neighbours = std::make_unique<Neighbours>(std::move(all), rank());
  }
  ~Job() override {
    data_.free();
    orders_.free();
    if (ours_) MPI_Finalize();
  }
  int rank() const override { return data_.rank(); }
  int size() const override { return data_.size(); }
  void gather(void* data, const std::vector<std::size_t>& begins) override { data_.gather(data, begins); }
  void broadcast(int root, void* data, std::size_t bytes) override { data_.broadcast(root, data, bytes); }
  void send(int to, const void* data, std::size_t bytes) override { data_.send(to, data, bytes); }
  void receive(int from, void* data, std::size_t bytes) override { data_.receive(from, data, bytes); }
  Group& orders() override { return orders_; }
  std::string name(int rank) const override { return world_.neighbours->name(rank); }
  std::vector<int> gone() const override { return world_.neighbours->gone(); }
  void be_patient(double seconds) override { world_.patience = seconds; }
  void abort(int status) override {
    MPI_Abort(MPI_COMM_WORLD, status);
    ::_exit(status);
  }

 private:
  /// Whether MPI was initialised here.
  static bool begin() {
    int done = 0, level = 0;
    MPI_Initialized(&done);
    if (!done && MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
      throw Error("MPI", "it does not start", "look at what mpirun says");
    return !done;
  }

  bool ours_;
  World world_;
  Channel data_, orders_;
};

}  // namespace

std::unique_ptr<MpiJob> join_mpi(const MpiSettings& settings) { return std::make_unique<Job>(settings); }

}  // namespace pigrad
