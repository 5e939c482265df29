#!/usr/bin/env bash
# The arrows' check must refuse what it is there to refuse: each wrong include is tried in a small copy of the house.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
failed=0
try() {  # EXPECTED FILE INCLUDE
  rm -rf "${root:?}"/*
  mkdir -p "$root"/{core/ops,nn,env,rl,mujoco,policy}
  touch "$root"/{core/error.hpp,core/ops/add.hpp,nn/layer.hpp,env/space.hpp,rl/loss.hpp}
  echo "#include $3" >"$root/$2"
  local got=0
  bash tests/house/arrows.sh "$root" >"$root/said" 2>&1 || got=1
  if [ "$got" != "$1" ]; then
    echo "arrows: $2 with #include $3 should have given $1 and gave $got: $(cat "$root/said")"
    failed=1
  fi
}
try 0 rl/a.cpp '"../nn/layer.hpp"'
try 0 rl/a.cpp '"loss.hpp"'
try 0 core/ops/a.cpp '"../error.hpp"'
try 0 core/a.cpp '<Eigen/Core>'
try 0 core/a.cpp '<immintrin.h>'
try 0 core/a.cpp '<string_view>'
try 0 nn/safetensors_header.cpp '<nlohmann/json.hpp>'
try 0 mujoco/a.cpp '<mujoco/mujoco.h>'
try 0 mujoco/a.cpp '"../env/space.hpp"'
try 0 policy/a.cpp '<math.h>'
try 1 policy/a.cpp '<vector>'
try 1 policy/a.cpp '"../core/error.hpp"'
try 1 mujoco/a.hpp '<mujoco/mujoco.h>'
try 1 mujoco/a.cpp '"../rl/loss.hpp"'
try 1 env/a.cpp '<mujoco/mujoco.h>'
try 1 env/a.cpp '"../nn/layer.hpp"'
try 1 env/a.cpp '"../rl/loss.hpp"'
try 1 nn/a.cpp '"../env/space.hpp"'
try 1 core/a.cpp '"../nn/layer.hpp"'
try 1 core/ops/a.cpp '"../../rl/loss.hpp"'
try 1 core/a.cpp '"../core/nowhere.hpp"'
try 1 core/a.cpp '"../../elsewhere.hpp"'
try 1 rl/a.cpp '<pigrad/core/error.hpp>'
try 1 nn/a.cpp '<nlohmann/json.hpp>'
try 1 core/a.hpp '<yaml-cpp/yaml.h>'
try 1 core/a.hpp '<cairo.h>'
exit $failed
