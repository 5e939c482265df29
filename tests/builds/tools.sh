# Sourced by the builds beside it. need COMMAND PACKAGE...: ends the test as skipped, with words, where one is missing.
need() {
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null 2>&1 || { echo "skipped: $1 is missing; install $2"; exit 77; }
    shift 2
  done
}
fail() {
  echo "$(basename "$0" .sh): $1"
  exit 1
}
library_only=(-G Ninja -DCMAKE_BUILD_TYPE=Release -DPIGRAD_APP=OFF -DPIGRAD_TESTS=OFF -DPIGRAD_EXAMPLES=OFF
  -DPIGRAD_BENCH=OFF -DPIGRAD_MUJOCO=OFF -DPIGRAD_CUDA=OFF -DPIGRAD_MPI=OFF
  -DPIGRAD_OPENMP=OFF -DPIGRAD_C=ON)
# headers_alone FOLDER: Eigen and nlohmann JSON for another processor, apart from the headers of this machine's own
# libraries: arguments for CMake in `found_headers`.
headers_alone() {
  local eigen
  eigen=$(find /usr/share /usr/lib -name Eigen3Config.cmake 2>/dev/null | head -1)
  [ -n "$eigen" ] && [ -e /usr/include/nlohmann/json.hpp ] ||
    { echo "skipped: Eigen and nlohmann JSON are not where Debian puts them"; exit 77; }
  mkdir -p "$1/json"
  ln -sfn /usr/include/nlohmann "$1/json/nlohmann"
  cat >"$1/json/nlohmann_jsonConfig.cmake" <<'END'
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
set_target_properties(nlohmann_json::nlohmann_json PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_CURRENT_LIST_DIR})
END
  echo 'set(PACKAGE_VERSION_COMPATIBLE TRUE)' >"$1/json/nlohmann_jsonConfigVersion.cmake"
  found_headers=(-DEigen3_DIR="$(dirname "$eigen")" -Dnlohmann_json_DIR="$1/json")
}
# export_a_policy PROGRAM FOLDER: FOLDER/policy.safetensors and FOLDER/policy.h of a short training.
export_a_policy() {
  "$1" train ppo-pendulum --out "$2/run" --threads 1 --quiet --set epochs=2 --set observation.normalise=true \
    --set evaluate_episodes=1
  "$1" export "$2/run" --to safetensors --out "$2/policy.safetensors" --quiet
  "$1" export "$2/run" --to c --out "$2/policy.h" --quiet
}
# best_start COMMAND...: the processor's time from start to end, the best of ten, in milliseconds; a loaded machine
# does not lengthen it.
best_start() {
  local TIMEFORMAT='%3U %3S' best=1000000 user system took
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    read -r user system < <({ time "$@" >/dev/null; } 2>&1)
    took=$((10#${user/./} + 10#${system/./}))
    [ $took -ge $best ] || best=$took
  done
  echo $best
}
