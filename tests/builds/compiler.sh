#!/usr/bin/env bash
# compiler.sh SOURCE BUILD COMPILER: the library and the C interface by another compiler, without OpenMP, every warning
# an error; a program in C trains with it.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
source=$1 work=$2/builds/$3
need "$3" "$3"
rm -rf "$work/CMakeCache.txt"
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S "$source" -B "$work" "${library_only[@]}" "${launcher[@]}" \
  -DCMAKE_CXX_COMPILER="$3" -DCMAKE_CXX_FLAGS_RELEASE=-O1 -DPIGRAD_WARN=ON -DPIGRAD_WERROR=ON
targets=(pigrad_c_shared)
[ "$3" = g++ ] || targets+=(pigrad_lab) # by g++ it is built anyway
cmake --build "$work" --parallel 2 --target "${targets[@]}"
"$3" -x c++ -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Werror -fno-exceptions -fno-rtti \
  "$source/examples/consumer/acting.cpp" -x none -I"$work/include" "$work/policy/libpigrad_policy.a" -o "$work/acting"
cc=${3/clang++/clang}
"${cc/g++/gcc}" -std=c99 -Wall -Wextra -Werror -pedantic -I"$source/capi" "$source/examples/from_c.c" \
  -L"$work/capi" -Wl,-rpath,"$work/capi" -lpigrad -lm -o "$work/from_c"
cd "$work"
./from_c
./acting from_c.safetensors
