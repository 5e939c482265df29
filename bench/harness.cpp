#include "harness.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <sstream>

namespace pigrad::bench {
namespace {

[[noreturn]] void usage(const char* program, int status) {
  (status ? std::cerr : std::cout) << "usage: " << program
                                   << " [--parity] [--out FOLDER] [--rounds N] [--seconds S] [--sizes N,…]"
                                      " [--threads N,…] [--clock wall|cpu]\n";
  std::exit(status);
}

std::vector<int> integers(const std::string& text) {
  std::vector<int> found;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) found.push_back(std::atoi(word.c_str()));
  return found;
}

double now(bool cpu_clock) {
  timespec time{};
  clock_gettime(cpu_clock ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Seconds of `count` steps, begun anew every `longest` of them.
double seconds_of(const Contender& contender, long count, bool cpu_clock) {
  constexpr long longest = 50;
  double seconds = 0;
  for (long done = 0; done < count; done += longest) {
    contender.reset();
    contender.step();
    const double begin = now(cpu_clock);
    for (long i = std::min(longest, count - done); i > 0; --i) contender.step();
    seconds += now(cpu_clock) - begin;
  }
  return seconds;
}

}  // namespace

Arguments Arguments::parse(int argc, char** argv, std::vector<int> sizes) {
  Arguments a;
  a.sizes = std::move(sizes);
  for (int i = 0; i < argc; ++i) a.command += (i ? " " : "") + std::string(argv[i]);
  a.command.erase(0, a.command.find("bench_") == std::string::npos ? 0 : a.command.find("bench_"));
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--parity") {
      a.parity = true;
      continue;
    }
    if (word == "--help") usage(argv[0], 0);
    if (i + 1 == argc) usage(argv[0], 2);
    const std::string value = argv[++i];
    if (word == "--out")
      a.out = value;
    else if (word == "--rounds")
      a.rounds = std::atoi(value.c_str());
    else if (word == "--seconds")
      a.seconds = std::atof(value.c_str());
    else if (word == "--sizes")
      a.sizes = integers(value);
    else if (word == "--clock" && (value == "wall" || value == "cpu"))
      a.cpu_clock = value == "cpu";
    else if (word == "--threads")
      a.threads = integers(value);
    else
      usage(argv[0], 2);
  }
  const auto positive = [](const std::vector<int>& list) {
    return !list.empty() && *std::min_element(list.begin(), list.end()) > 0;
  };
  if (a.rounds < 1 || !(a.seconds > 0) || !positive(a.threads) || (!a.sizes.empty() && !positive(a.sizes)))
    usage(argv[0], 2);
  return a;
}

Spread spread(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const std::size_t n = samples.size();
  return {(samples[(n - 1) / 2] + samples[n / 2]) / 2, samples.front(), samples.back()};
}

std::vector<std::vector<double>> interleave(const std::vector<Contender>& contenders, const Arguments& arguments) {
  std::vector<long> counts;
  for (const Contender& c : contenders) {
    long count = 1;
    for (double took = 0; (took = seconds_of(c, count, arguments.cpu_clock)) < arguments.seconds;) {
      const double factor = std::min(10.0, 1.1 * arguments.seconds / std::max(took, 1e-9));
      count = std::max(count + 1, static_cast<long>(static_cast<double>(count) * factor));
    }
    counts.push_back(count);
  }
  std::vector<std::vector<double>> samples(contenders.size());
  for (int round = 0; round < arguments.rounds; ++round)
    for (std::size_t i = 0; i < contenders.size(); ++i)
      samples[i].push_back(seconds_of(contenders[i], counts[i], arguments.cpu_clock) / static_cast<double>(counts[i]));
  return samples;
}

}  // namespace pigrad::bench
