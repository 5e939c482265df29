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

  /// Throws RankLost where a neighbour has ended, or who() has not been heard of for too many seconds.
  template <class Who>
  void look_after(double seconds, const Who& who) const {
    const char* cure = "go on from the last checkpoint";
    const std::vector<int> gone = neighbours->gone();
    if (!gone.empty()) throw RankLost(neighbours->name(gone.front()), "it has ended in the middle of the run", cure);
    if (patience > 0 && seconds > patience)
      throw RankLost(who(), "it has not answered for " + std::to_string(static_cast<long>(patience)) + " s", cure);
  }
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

  /// Each piece goes straight to each rank: a wait knows whose is missing.
  void gather(void* data, const std::vector<std::size_t>& begins) override {
    requests_.clear();
    peers_.clear();
    const auto each_piece = [&](int owner, int peer, const auto& start, const char* call) {
      const auto o = static_cast<std::size_t>(owner);
      in_pieces(static_cast<char*>(data) + begins[o], begins[o + 1] - begins[o], [&](char* at, int size) {
        requests_.push_back(MPI_REQUEST_NULL);
        peers_.push_back(peer);
        check(start(at, size, &requests_.back()), call);
      });
    };
    for (int i = 1; i < size_; ++i) {
      const int from = (rank_ + size_ - i) % size_;
      each_piece(
          from, from,
          [&](char* at, int size, MPI_Request* r) { return MPI_Irecv(at, size, MPI_BYTE, from, 1, comm_, r); },
          "MPI_Irecv");
    }
    for (int i = 1; i < size_; ++i) {
      const int to = (rank_ + i) % size_;
      each_piece(
          rank_, to, [&](char* at, int size, MPI_Request* r) { return MPI_Isend(at, size, MPI_BYTE, to, 1, comm_, r); },
          "MPI_Isend");
    }
    wait("MPI_Testall");
  }
  void broadcast(int root, void* data, std::size_t bytes) override {
    in_pieces(data, bytes, [&](char* at, int size) {
      one(root == rank_ ? (rank_ + 1) % size_ : root);
      check(MPI_Ibcast(at, size, MPI_BYTE, root, comm_, requests_.data()), "MPI_Ibcast");
      wait("MPI_Ibcast");
    });
  }
  void send(int to, const void* data, std::size_t bytes) override {
    in_pieces(const_cast<void*>(data), bytes, [&](char* at, int size) {
      one(to);
      check(MPI_Isend(at, size, MPI_BYTE, to, 0, comm_, requests_.data()), "MPI_Isend");
      wait("MPI_Isend");
    });
  }
  void receive(int from, void* data, std::size_t bytes) override {
    in_pieces(data, bytes, [&](char* at, int size) {
      one(from);
      check(MPI_Irecv(at, size, MPI_BYTE, from, 0, comm_, requests_.data()), "MPI_Irecv");
      wait("MPI_Irecv");
    });
  }

 private:
  template <class Body>
  static void in_pieces(void* data, std::size_t bytes, const Body& body) {
    auto* at = static_cast<char*>(data);
    for (std::size_t done = 0; done < bytes; done += most_bytes)
      body(at + done, static_cast<int>(std::min(most_bytes, bytes - done)));
  }

  void one(int peer) {
    requests_.assign(1, MPI_REQUEST_NULL);
    peers_.assign(1, peer);
  }

  /// For all requests_.
  void wait(const char* call) {
    const auto done = [&] {
      int all = 0;
      check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &all, MPI_STATUSES_IGNORE), call);
      return all != 0;
    };
    if (done()) return;
    for (Waiting waiting; !done();) {
      if (waiting.turn()) world_->look_after(waiting.seconds(), [&] { return world_->neighbours->name(missing()); });
    }
  }
  /// The peer of the first request that is not done.
  int missing() {
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      int done = 0;
      if (requests_[i] == MPI_REQUEST_NULL) continue;
      MPI_Test(&requests_[i], &done, MPI_STATUS_IGNORE);
      if (!done) return peers_[i];
    }
    return peers_.front();
  }

  const World* world_;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  std::vector<MPI_Request> requests_;
  std::vector<int> peers_;  ///< of each request
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
  void look_after(double seconds) override {
    world_.look_after(seconds, [] { return std::string("one of the ranks"); });
  }
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
