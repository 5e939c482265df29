#!/usr/bin/env bash
# training_size.sh SOURCE BUILD: examples/small_training.cpp, stripped and static, is under 1 MB, starts within 5 ms and
# trains; and with the C library alone shared. The C library is musl, for an empty program on glibc has 680 KB; g++'s
# runtime comes from g++, with musl_gap.c for what it misses there.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
source=$1 work=$2/builds/training_size
need musl-gcc musl-tools g++ g++
rm -f "$work/CMakeCache.txt"
sections=(-ffunction-sections -fdata-sections)
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S "$source" -B "$work" "${library_only[@]}" "${launcher[@]}" -DCMAKE_CXX_COMPILER=g++ -DPIGRAD_C=OFF \
  -DCMAKE_BUILD_TYPE=MinSizeRel -DPIGRAD_SIMD=OFF -DPIGRAD_SAFETENSORS=OFF -DCMAKE_CXX_FLAGS="${sections[*]}"
cmake --build "$work" --parallel 2 --target pigrad_rl
cd "$work"
eigen=$(sed -n 's/^Eigen3_DIR:PATH=//p' CMakeCache.txt)
g++ -Os "${sections[@]}" -std=c++20 -Iinclude -I"${eigen%/share/*}/include/eigen3" -I/usr/include/eigen3 \
  -DEIGEN_DONT_PARALLELIZE -c "$source/examples/small_training.cpp" -o small.o
archives=(rl/libpigrad_rl.a env/libpigrad_env.a nn/libpigrad_nn.a core/libpigrad_core.a)
runtime=$(dirname "$(g++ -print-file-name=libstdc++.a)")
# Its references to threads are weak, which brings nothing in from an archive.
threads=""
for name in once mutex_lock mutex_unlock key_create getspecific setspecific; do threads+=",-u,pthread_$name"; done
musl-gcc -Os -c "$source/tests/builds/musl_gap.c" -o musl_gap.o
musl-gcc -static -s -Wl,--gc-sections -Wl,--eh-frame-hdr -Wl"$threads" small.o musl_gap.o "${archives[@]}" \
  "$runtime/libstdc++.a" "$(g++ -print-file-name=libgcc_eh.a)" "$(g++ -print-libgcc-file-name)" -o static
g++ -s -static-libstdc++ -static-libgcc -Wl,--gc-sections small.o "${archives[@]}" -o shared
g++ -s -static -Wl,--gc-sections small.o "${archives[@]}" -o glibc
for program in static shared glibc; do echo "$program: $(stat -c %s $program) bytes"; done
for program in static shared; do
  [ "$(stat -c %s $program)" -lt 1000000 ] || fail "$program is not under 1 MB"
  ./$program || fail "$program does not train"
  best=1000000
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    began=$(date +%s%N)
    ./$program 0
    took=$((($(date +%s%N) - began) / 1000))
    [ $took -ge $best ] || best=$took
  done
  echo "$program starts and ends, the best of ten: $best µs"
  [ $best -lt 5000 ] || fail "$program does not start within 5 ms"
done
