#!/usr/bin/env bash
# headers.sh FOLDER INCLUDE COMPILER...: each header of the folder compiles alone and without a warning.
set -euo pipefail
folder=$1 include=$2
shift 2
export compile="$* -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I$include"
jobs=$(nproc 2>/dev/null || echo 1)
headers=$(find "$folder" -name '*.hpp' | sort)
[ -n "$headers" ] || exit 0
alone() {
  printf '#include <pigrad/%s>\n' "$1" | $compile -DEIGEN_DONT_PARALLELIZE -x c++ - || {
    echo "headers: $1 does not compile alone; include what it uses"
    return 1
  }
}
export -f alone
echo "$headers" | xargs -P "$jobs" -I{} bash -c 'alone {}'
echo "headers: $(echo "$headers" | wc -l) of $folder compile alone"
