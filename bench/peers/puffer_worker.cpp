#include <memory>
#include <random>

#include "../worker.hpp"
#include "puffer_cartpole.h"

namespace {

using namespace pigrad::bench;

/// Environment steps a second with random actions drawn beforehand, resets included.
Round stepping(const Task& task) {
  constexpr int rows = 64;
  PufferCopies* copies = puffer_make(task.copies);
  const auto actions = std::make_shared<std::vector<float>>();
  std::mt19937 random(static_cast<unsigned>(task.seed));
  for (int i = 0; i < rows * task.copies; ++i) actions->push_back(static_cast<float>(random() & 1));
  return [=] {
    const auto step = [&](int i) { puffer_step(copies, actions->data() + i % rows * task.copies); };
    step(0);
    const double seconds = seconds_of([&] {
      for (int i = 0; i < task.epochs; ++i) step(i);
    });
    return static_cast<double>(task.copies) * task.epochs / seconds;
  };
}

}  // namespace

int main(int argc, char** argv) {
  return serve(argc, argv, {{"stepping", &stepping}}, {{"PufferLib", "C, one thread"}});
}
