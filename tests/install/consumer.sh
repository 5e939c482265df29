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
    stray=$(find "$prefix/include" -type f ! -name '*.hpp' ! -name '*.inl' ! -name '*.cuh')
    [ -z "$stray" ] || fail "more than headers under include: $stray"
    exit 0
    ;;
  find_package)
    configure -DCMAKE_PREFIX_PATH="$prefix"
    sed 's/COMPONENTS core/COMPONENTS cor/' "$source/examples/consumer/CMakeLists.txt" >"$work/CMakeLists.txt"
    ! said=$(cmake -S "$work" -B "$work/wrong" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" 2>&1) ||
      fail "the component 'cor' was found"
    [[ $said == *"no component 'cor'"* ]] || fail "the missing component is not named: $said"
    ;;
  pkg_config)
    command -v pkg-config >/dev/null || { echo "pkg-config is missing, so this was not tried"; exit 77; }
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    # shellcheck disable=SC2046
    "$compiler" -O2 "$source/examples/consumer/main.cpp" $(pkg-config --cflags --libs pigrad) -o "$work/consumer"
    if [ -e "$PKG_CONFIG_PATH/pigrad-mujoco.pc" ]; then
      printf '%s\n' '#include <pigrad/mujoco/environments.hpp>' 'int main() {' '  pigrad::Registry registry;' \
        '  pigrad::add_mujoco(registry);' '  registry.make<float>("InvertedPendulum-v4", 1, 1);' '}' >"$work/mujoco.cpp"
      # shellcheck disable=SC2046
      "$compiler" "$work/mujoco.cpp" $(pkg-config --cflags --libs pigrad-mujoco) -o "$work/mujoco"
      "$work/mujoco" || fail "a program on MuJoCo does not run"
    fi
    ;;
  add_subdirectory | FetchContent)
    # With the flags of the build that is tested, ccache has the objects already.
    configure "${launcher[@]}" -DPIGRAD_SOURCE="$source" -DPIGRAD_WARN=ON
    ;;
esac
if [ "$way" != pkg_config ]; then
  targets=$(cmake --build "$work" --target help)
  ! grep -E '(^|/)(test|bench|example)_|(^|/)(tidy|format|pigrad)(:|$)' <<<"$targets" || fail "those targets leak in"
  cmake --build "$work" --target consumer --parallel 2
fi
"$work/consumer"
