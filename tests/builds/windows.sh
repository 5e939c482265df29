#!/usr/bin/env bash
# windows.sh SOURCE BUILD PROGRAM: the library, the C interface and the examples for 64-bit Windows by MinGW, every
# warning an error; under wine, where that is there, programs train, write files, and act as the policy exported here.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
source=$1 work=$2/builds/windows program=$3
need x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix
headers_alone "$work"
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache)
rm -rf "$work/run" "$work/CMakeCache.txt"
mkdir -p "$work/run"
cmake -S "$source" -B "$work" "${library_only[@]}" "${launcher[@]}" "${found_headers[@]}" \
  -DPIGRAD_WARN=ON -DPIGRAD_WERROR=ON -DPIGRAD_EXAMPLES=ON \
  -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_SYSTEM_PROCESSOR=AMD64 -DCMAKE_C_COMPILER=x86_64-w64-mingw32-gcc-posix \
  -DCMAKE_CXX_COMPILER=x86_64-w64-mingw32-g++-posix -DCMAKE_EXE_LINKER_FLAGS=-static \
  -DCMAKE_SHARED_LINKER_FLAGS=-static
cmake --build "$work" --parallel 2 --target pigrad_rl pigrad_policy pigrad_c_shared pigrad_c_static \
  example_small_training example_from_c example_own_environment
libraries=("$work"/capi/libpigrad.a)
for folder in rl env nn policy core; do libraries+=("$work/$folder/libpigrad_$folder.a"); done
for tool in parity files; do
  x86_64-w64-mingw32-g++-posix -std=c++20 -static -I"$work/include" "$source/tests/builds/$tool.cpp" \
    "${libraries[@]}" -o "$work/$tool.exe"
done
hidden=$(x86_64-w64-mingw32-objdump -p "$work"/capi/libpigrad*.dll | sed -n '/\[Ordinal\/Name Pointer\] Table/,/^$/p' |
  awk 'NR > 1 && NF > 0 && $NF !~ /^pigrad_/ { print $NF }')
[ -z "$hidden" ] || fail "the library shows $hidden"
wine=$(command -v wine64 || command -v wine || true)
[ -n "$wine" ] || { echo "built; not run, for wine is missing: install wine64"; exit 0; }
export WINEPREFIX=$work/wine WINEDEBUG=-all
export_a_policy "$program" "$work/run"
cd "$work/run"
cp "$work"/capi/libpigrad*.dll .
"$wine" "$work/examples/example_small_training.exe" || fail "it does not train"
"$wine" "$work/examples/example_from_c.exe" || fail "the C program does not train"
[ -s from_c.safetensors ] && ! compgen -G '*.writing-*' >/dev/null || fail "the checkpoint is not there, or not alone"
"$wine" "$work/files.exe" && ! compgen -G '*.writing-*' >/dev/null ||
  fail "files are not written or read as they should"
"$wine" "$work/parity.exe" policy.safetensors || fail "the policy says something else"
