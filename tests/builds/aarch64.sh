#!/usr/bin/env bash
# aarch64.sh SOURCE BUILD PROGRAM: the library and the C interface for 64-bit ARM, run by qemu: a program in C trains
# there, and a policy that was exported here says the same there.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
source=$1 work=$2/builds/aarch64 program=$3
need aarch64-linux-gnu-g++ g++-aarch64-linux-gnu qemu-aarch64 qemu-user
rm -rf "$work/run" "$work/CMakeCache.txt"
headers_alone "$work"
mkdir -p "$work/run"
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S "$source" -B "$work" "${library_only[@]}" "${launcher[@]}" "${found_headers[@]}" \
  -DPIGRAD_WARN=ON -DPIGRAD_WERROR=ON \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++
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
