#include <memory>
#include <pigrad/app/environments.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/parallel.hpp>
#include <pigrad/rl/algorithm.hpp>

#include "worker.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

/// Environment steps a second of the first task.epochs epochs of a recipe, from making the agent on.
Round run(const std::string& recipe, const std::string& variant, const Task& task) {
  const auto environments = std::make_shared<Registry>(app::all_environments());
  TrainSettings settings = app::recipe_settings(recipe, variant);
  settings.seed = task.seed;
  make_algorithm(settings, *environments);  // says what is missing before anything is timed
  return [=] {
    std::int64_t steps = 0;
    const double seconds = seconds_of([&] {
      const auto algorithm = make_algorithm(settings, *environments);
      for (int i = 0; i < task.epochs; ++i) algorithm->epoch(task.threads);
      steps = algorithm->steps_done();
    });
    return static_cast<double>(steps) / seconds;
  };
}

}  // namespace

// bench_worker_recipe NAME.VARIANT: any recipe's first epochs, by the protocol of worker.hpp.
int main(int argc, char** argv) {
  std::vector<Work> works;
  for (const app::Recipe& recipe : app::recipes())
    for (const auto& [variant, settings] : recipe.variants)
      works.push_back({recipe.name + "." + variant,
                       [name = recipe.name, which = variant](const Task& task) { return run(name, which, task); }});
  return serve(
      argc, argv, works,
      {{"backend", find_backend<float>().name}, {"parallel", parallel_backend()}, {"MuJoCo", app::mujoco_in_use()}});
}
