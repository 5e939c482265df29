#!/usr/bin/env bash
# consumer.sh SOURCE BUILD COMPILER WAY: builds and runs examples/consumer as a user's project would, with the library
# brought in by WAY. `install` makes the tree that find_package and pkg_config then use, after moving it elsewhere.
set -euo pipefail
source=$1 build=$2 compiler=$3 way=$4
work=$build/consumer/$way
prefix=$build/consumer/prefix
fail() {
  echo "install.$way: $1"
  exit 1
}
configure() {
  cmake -S "$source/examples/consumer" -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER="$compiler" -DPIGRAD_FROM="$way" "$@"
}
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

rm -rf "$work"
mkdir -p "$work"
case $way in
  install)
    rm -rf "$prefix"
    cmake --install "$build" --prefix "$work/first"
    mv "$work/first" "$prefix"
    ! grep -rlF -e "$source" -e "$work" "$prefix/lib/cmake" "$prefix/lib/pkgconfig" || fail "a path is built in"
    stray=$(find "$prefix/include" -type f ! -name '*.hpp' ! -name '*.inl' ! -name '*.cuh' \
      ! -path "$prefix/include/pigrad.h")
    [ -z "$stray" ] || fail "more than headers under include: $stray"
    exit 0
    ;;
  find_package)
    configure -DCMAKE_PREFIX_PATH="$prefix"
    sed 's/COMPONENTS core/COMPONENTS cor/' "$source/examples/consumer/CMakeLists.txt" >"$work/CMakeLists.txt"
    ! said=$(cmake -S "$work" -B "$work/wrong" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" 2>&1) ||
      fail "the component 'cor' was found"
    [[ $said == *"no component 'cor'"* ]] || fail "the missing component is not named: $said"
    # A policy alone asks for no Eigen.
    mkdir -p "$work/alone"
    cp "$source/examples/consumer/acting.cpp" "$work/alone"
    printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(alone LANGUAGES CXX)' \
      'find_package(pigrad CONFIG REQUIRED COMPONENTS policy)' 'add_executable(alone acting.cpp)' \
      'target_link_libraries(alone PRIVATE pigrad::policy)' 'if(TARGET Eigen3::Eigen OR TARGET pigrad::core)' \
      '  message(FATAL_ERROR "more than the policy came in")' 'endif()' >"$work/alone/CMakeLists.txt"
    cmake -S "$work/alone" -B "$work/alone/build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
      -DCMAKE_PREFIX_PATH="$prefix"
    cmake --build "$work/alone/build"
    ;;
  pkg_config)
    command -v pkg-config >/dev/null || { echo "pkg-config is missing, so this was not tried"; exit 77; }
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    c=$(command -v gcc || command -v clang || command -v cc)
    # shellcheck disable=SC2046
    {
      "$compiler" -O2 "$source/examples/consumer/main.cpp" $(pkg-config --cflags --libs pigrad) -o "$work/consumer"
      "$compiler" -std=c++20 -fno-exceptions -fno-rtti "$source/examples/consumer/acting.cpp" \
        $(pkg-config --cflags --libs pigrad-policy) -o "$work/acting"
      "$c" -std=c99 "$source/examples/from_c.c" $(pkg-config --cflags --libs pigrad-c) -lm \
        -Wl,-rpath,"$prefix/lib" -o "$work/from_c_shared"
      "$c" -std=c99 -static "$source/examples/from_c.c" $(pkg-config --cflags --libs --static pigrad-c) \
        -o "$work/from_c_static" || fail "the static C library does not link"
    }
    if [ -e "$PKG_CONFIG_PATH/pigrad-mujoco.pc" ]; then
      printf '%s\n' '#include <pigrad/mujoco/environments.hpp>' 'int main() {' '  pigrad::Registry registry;' \
        '  pigrad::add_mujoco(registry);' '  registry.make<float>("InvertedPendulum-v4", 1, 1);' '}' >"$work/mujoco.cpp"
      # shellcheck disable=SC2046
      "$compiler" "$work/mujoco.cpp" $(pkg-config --cflags --libs pigrad-mujoco) -o "$work/mujoco"
      "$work/mujoco" || fail "a program on MuJoCo does not run"
    fi
    ;;
  plain)
    eigen=$(pkg-config --cflags eigen3 2>/dev/null || echo -I/usr/include/eigen3)
    # shellcheck disable=SC2086
    "$compiler" -std=c++20 -O2 -I"$prefix/include" $eigen -DEIGEN_DONT_PARALLELIZE \
      "$source/examples/consumer/main.cpp" -L"$prefix/lib" -lpigrad_rl -lpigrad_env -lpigrad_nn -lpigrad_core -fopenmp \
      -o "$work/consumer"
    "$compiler" -std=c++20 -I"$prefix/include" "$source/examples/consumer/acting.cpp" -L"$prefix/lib" -lpigrad_policy \
      -o "$work/acting"
    "$compiler" -x c -std=c99 -I"$prefix/include" "$source/examples/from_c.c" -x none -L"$prefix/lib" -lpigrad -lm \
      -Wl,-rpath,"$prefix/lib" -o "$work/from_c_shared"
    ;;
  add_subdirectory | FetchContent)
    # With the flags of the build that is tested, ccache has the objects already.
    configure "${launcher[@]}" -DPIGRAD_SOURCE="$source" -DPIGRAD_WARN=ON
    ;;
esac
if [ "$way" != pkg_config ] && [ "$way" != plain ]; then
  targets=$(cmake --build "$work" --target help)
  ! grep -E '(^|/)(test|bench|example)_|(^|/)(tidy|format|pigrad)(:|$)' <<<"$targets" || fail "those targets leak in"
  cmake --build "$work" --target consumer acting from_c_shared from_c_static --parallel 2
fi
"$work/consumer"
cd "$work"
for kind in shared static; do
  [ ! -e from_c_$kind ] || ./from_c_$kind || fail "the C program over the $kind library does not train"
done
./acting from_c.safetensors || fail "the policy that C saved does not act"
