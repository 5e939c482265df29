// One run trained by all processes of an MPI job: mpirun -n 4 example_many_processes. By itself it is a job of one.
#include <cstdio>
#include <pigrad/mpi/mpi_job.hpp>
#include <pigrad/rl/algorithm.hpp>

int main() {
  const auto job = pigrad::join_mpi();
  const pigrad::Registry environments = pigrad::Registry::builtin();
  pigrad::TrainSettings settings;
  settings.copies = 64;
  settings.steps = 16;
  settings.epochs = 20;
  const auto algorithm = pigrad::make_algorithm(settings, environments);

  algorithm->share(*job);
  while (algorithm->epochs_done() < settings.epochs) algorithm->epoch(1);

  pigrad::State state;
  algorithm->save(state);  // every rank's call, for the copies' states are dealt too
  const auto bias = state.floats("policy.0.bias");
  if (job->rank() == 0) std::printf("%d ranks: the first bias is %.9g\n", job->size(), static_cast<double>(bias[0]));
}
