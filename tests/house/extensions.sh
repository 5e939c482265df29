#!/usr/bin/env bash
# extensions.sh [ROOT]: what other compilers do not know stands in macros: attributes and built-ins of GNU in a #define,
# whose other branch serves the rest. core/simd is for GNU and Clang alone (core/CMakeLists.txt), and cuda for nvcc.
set -euo pipefail
. "$(dirname "$0")/files.sh"
root=${1:-.}
judge() {
  sources core policy nn env rl lab capi mujoco | sort -z | xargs -0 awk '
    FNR == 1 { continued = 0; guarded = 0 }
    FILENAME ~ /^core\/simd\// { next }
    { definition = continued || $0 ~ /^[ \t]*#[ \t]*define/; continued = definition && $0 ~ /\\$/ }
    /^[ \t]*#[ \t]*if/ { ++guarded }
    /^[ \t]*#[ \t]*endif/ { --guarded }
    /^[ \t]*\/\// || definition { next }
    /__attribute__|__builtin_|__extension__|__int128|__PRETTY_FUNCTION__|\[\[gnu::/ ||
    /[^a-z_]asm[ (]|__asm|alloca\(|typeof[ (]/ {
      printf "%s:%d: an extension outside a macro: %s\n", FILENAME, FNR, $0; wrong = 1
    }
    /[=(,][ \t]*\(\{/ { printf "%s:%d: a statement in an expression: %s\n", FILENAME, FNR, $0; wrong = 1 }
    /#[ \t]*pragma[ \t]+(GCC|clang)/ && guarded <= 0 {
      printf "%s:%d: a pragma outside #if: %s\n", FILENAME, FNR, $0; wrong = 1
    }
    END { exit wrong }'
}
cd "$root"
judge
[ "$root" = . ] || exit 0

# It must refuse what it is there to refuse.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/core"
here=$PWD/tests/house/extensions.sh
try() {
  printf '%s\n' "$2" >"$copy/core/a.hpp"
  local got=0
  bash "$here" "$copy" >"$copy/said" 2>&1 || got=1
  [ "$got" = "$1" ] || { echo "extensions: \"$2\" should have given $1 and gave $got"; exit 1; }
}
try 0 'int f(int x) { return g({x}); }'
try 0 '#define FAST __attribute__((hot))'
try 1 '__attribute__((hot)) int f();'
try 1 '[[gnu::always_inline]] int f();'
try 1 'int x = ({ f(); 1; });'
try 1 'bool x = __builtin_expect(y, 1);'
try 1 '#pragma GCC ivdep'
