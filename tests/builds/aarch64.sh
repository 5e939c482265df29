#!/usr/bin/env bash
# aarch64.sh SOURCE BUILD PROGRAM: the library and the C interface for 64-bit ARM, run by qemu: a program in C trains
# there, and a policy that was exported here says the same there.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
source=$1 work=$2/builds/aarch64 program=$3
need aarch64-linux-gnu-g++ g++-aarch64-linux-gnu qemu-aarch64 qemu-user
[ -e /usr/include/eigen3/Eigen/Core ] && [ -e /usr/include/nlohmann/json.hpp ] ||
  { echo "skipped: Eigen and nlohmann JSON are not where Debian puts them"; exit 77; }
rm -rf "$work/run" "$work/CMakeCache.txt"
mkdir -p "$work/json" "$work/run"
# Headers alone, apart from those of this machine's own libraries.
ln -sfn /usr/include/nlohmann "$work/json/nlohmann"
cat >"$work/json/nlohmann_jsonConfig.cmake" <<'END'
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
set_target_properties(nlohmann_json::nlohmann_json PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_CURRENT_LIST_DIR})
END
echo 'set(PACKAGE_VERSION_COMPATIBLE TRUE)' >"$work/json/nlohmann_jsonConfigVersion.cmake"
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S "$source" -B "$work" "${library_only[@]}" "${launcher[@]}" \
  -DPIGRAD_WARN=ON -DPIGRAD_WERROR=ON \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
  -DEigen3_DIR="$(dirname "$(find /usr/share /usr/lib -name Eigen3Config.cmake 2>/dev/null | head -1)")" \
  -Dnlohmann_json_DIR="$work/json"
cmake --build "$work" --parallel 2 --target pigrad_c_static pigrad_policy
libraries=("$work"/capi/libpigrad.a)
for folder in rl env nn policy core; do libraries+=("$work/$folder/libpigrad_$folder.a"); done
aarch64-linux-gnu-gcc -std=c99 -I"$source/capi" -c "$source/examples/from_c.c" -o "$work/from_c.o"
aarch64-linux-gnu-g++ -static "$work/from_c.o" "${libraries[@]}" -o "$work/from_c"
aarch64-linux-gnu-g++ -std=c++20 -static -I"$work/include" "$source/tests/builds/parity.cpp" "${libraries[@]}" \
  -o "$work/parity"
export_a_policy "$program" "$work/run"
cd "$work/run"
qemu-aarch64 "$work/from_c" || fail "the C program does not train"
qemu-aarch64 "$work/parity" policy.safetensors || fail "the policy says something else"
