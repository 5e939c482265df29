#pragma once
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <pigrad/core/group.hpp>
#include <queue>
#include <thread>
#include <vector>

namespace pigrad_test {

/// A Group whose ranks are threads of the test.
class ThreadGroups {
 public:
  explicit ThreadGroups(int size) {
    for (int rank = 0; rank < size; ++rank) ranks_.emplace_back(*this, rank, size);
  }
  int size() const { return static_cast<int>(ranks_.size()); }

  /// body(group) on every rank at once. The exception of the lowest rank that threw is rethrown.
  template <class Body>
  void run(const Body& body) {
    std::vector<std::thread> threads;
    std::vector<std::exception_ptr> thrown(ranks_.size());
    for (std::size_t r = 0; r < ranks_.size(); ++r)
      threads.emplace_back([this, r, &body, &thrown] {
        try {
          body(static_cast<pigrad::Group&>(ranks_[r]));
        } catch (...) {
          thrown[r] = std::current_exception();
        }
      });
    for (std::thread& t : threads) t.join();
    for (const std::exception_ptr& e : thrown)
      if (e) std::rethrow_exception(e);
  }
  /// Messages that were sent so far.
  int messages() const { return messages_; }

 private:
  using Bytes = std::vector<unsigned char>;
  class Rank final : public pigrad::Group {
   public:
    Rank(ThreadGroups& all, int rank, int size) : all_(&all), rank_(rank), size_(size) {}
    int rank() const override { return rank_; }
    int size() const override { return size_; }
    void gather(void* data, const std::vector<std::size_t>& begins) override {
      auto* bytes = static_cast<unsigned char*>(data);
      const auto at = [&](int r) { return begins[static_cast<std::size_t>(r)]; };
      for (int r = 0; r < size_; ++r)
        if (r != rank_) send(r, bytes + at(rank_), at(rank_ + 1) - at(rank_));
      for (int r = 0; r < size_; ++r)
        if (r != rank_) receive(r, bytes + at(r), at(r + 1) - at(r));
    }
    void broadcast(int root, void* data, std::size_t bytes) override {
      if (rank_ != root) return receive(root, data, bytes);
      for (int r = 0; r < size_; ++r)
        if (r != root) send(r, data, bytes);
    }
    void send(int to, const void* data, std::size_t bytes) override {
      const auto* from = static_cast<const unsigned char*>(data);
      const std::lock_guard lock(all_->mutex_);
      all_->waiting_[{rank_, to}].push(Bytes(from, from + bytes));
      ++all_->messages_;
      all_->arrived_.notify_all();
    }
    void receive(int from, void* data, std::size_t bytes) override {
      std::unique_lock lock(all_->mutex_);
      auto& queue = all_->waiting_[{from, rank_}];
      if (!all_->arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return !queue.empty(); }))
        throw pigrad::RankLost("group", "no message", "look for a call that not all ranks make");
      const Bytes message = std::move(queue.front());
      queue.pop();
      if (message.size() != bytes) throw pigrad::RankLost("group", "a message of another size", "make the same calls");
      std::copy(message.begin(), message.end(), static_cast<unsigned char*>(data));
    }

   private:
    ThreadGroups* all_;
    int rank_, size_;
  };

  std::vector<Rank> ranks_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::pair<int, int>, std::queue<Bytes>> waiting_;
  int messages_ = 0;
};

}  // namespace pigrad_test
