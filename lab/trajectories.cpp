#include "trajectories.hpp"

#include <algorithm>

#include "../core/error.hpp"
#include "../core/parallel.hpp"
#include "../core/random.hpp"

namespace pigrad::lab {
namespace {

constexpr int kBlock = 256;  // episodes a task; no result depends on it

// Sums of shares [rows×count], so that one comparison a choice draws.
std::vector<double> running_sums(const std::vector<double>& shares, int count) {
  std::vector<double> sums(shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i)
    sums[i] = shares[i] + (i % static_cast<std::size_t>(count) == 0 ? 0 : sums[i - 1]);
  return sums;
}

// The first choice whose sum is above u·(the whole); choices of share 0 are never drawn.
int draw(const double* sums, int count, double u) {
  const double* chosen = std::upper_bound(sums, sums + count, u * sums[count - 1]);
  return static_cast<int>(std::min<std::ptrdiff_t>(chosen - sums, count - 1));
}

class Sampler {
 public:
  Sampler(const FiniteMdp& mdp, const std::vector<double>& pi, const SampleOptions& options)
      : mdp_(mdp),
        limit_(options.limit),
        start_(running_sums(mdp.start, mdp.states)),
        pi_(running_sums(pi, mdp.actions)),
        transition_(running_sums(mdp.transition, mdp.states)),
        resets_(options.seed, Purpose::reset),
        actions_(options.seed, Purpose::action),
        dynamics_(options.seed, Purpose::dynamics) {}

  void append(int episode, Trajectories& out) const {
    const auto stream = static_cast<std::uint32_t>(episode);
    int s = draw(start_.data(), mdp_.states, resets_.uniform<double>(stream, 0));
    for (int t = 0; t < limit_; ++t) {
      const auto counter = static_cast<std::uint64_t>(t);
      const int a = draw(pi_.data() + mdp_.at(s, 0), mdp_.actions, actions_.uniform<double>(stream, counter));
      const int next =
          draw(transition_.data() + mdp_.at(s, a, 0), mdp_.states, dynamics_.uniform<double>(stream, counter));
      const bool end = mdp_.terminal[static_cast<std::size_t>(next)] != 0;
      out.state.push_back(s), out.action.push_back(a), out.next.push_back(next), out.time.push_back(t);
      out.reward.push_back(mdp_.reward[mdp_.at(s, a, next)]);
      out.terminated.push_back(end);
      out.truncated.push_back(!end && t + 1 == limit_);
      if (end) break;
      s = next;
    }
    out.begin.push_back(out.rows());
  }

 private:
  const FiniteMdp& mdp_;
  int limit_;
  std::vector<double> start_, pi_, transition_;
  Random resets_, actions_, dynamics_;
};

template <class V>
void append_all(V& to, const V& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Path<double> Trajectories::path() const {
  return {rows(), 1, reward.data(), terminated.data(), truncated.data(), nullptr};
}

Trajectories sample(const FiniteMdp& mdp, const std::vector<double>& pi, int count, const SampleOptions& options) {
  if (count < 1 || options.limit < 1 || options.first < 0)
    throw Error("sample",
                "asked for " + std::to_string(count) + " episodes of " + std::to_string(options.limit) + " steps",
                "give at least one of each");
  const Sampler sampler(mdp, pi, options);
  const int blocks = (count + kBlock - 1) / kBlock;
  std::vector<Trajectories> parts(static_cast<std::size_t>(blocks));
  parallel_for(options.threads, blocks, [&](int block, int) {
    const int end = std::min(count, (block + 1) * kBlock);
    for (int i = block * kBlock; i < end; ++i)
      sampler.append(options.first + i, parts[static_cast<std::size_t>(block)]);
  });
  Trajectories out;
  out.begin = {0};
  for (const Trajectories& part : parts) {
    const int offset = out.rows();
    for (const int end : part.begin) out.begin.push_back(offset + end);
    append_all(out.state, part.state), append_all(out.action, part.action), append_all(out.next, part.next);
    append_all(out.time, part.time), append_all(out.reward, part.reward);
    append_all(out.terminated, part.terminated), append_all(out.truncated, part.truncated);
  }
  return out;
}

}  // namespace pigrad::lab
