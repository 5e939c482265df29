#!/usr/bin/env bash
# capi.sh NM LIBRARY COMPILER...: pigrad.h compiles alone as C99, C11 and C++, and the shared library shows what the
# header declares and nothing else.
set -euo pipefail
nm=$1 library=$2
shift 2
wrong=0
strict=(-Wall -Wextra -Werror -pedantic -Wconversion -Wstrict-prototypes -fsyntax-only -Icapi)
for compiler in gcc clang; do
  command -v $compiler >/dev/null || continue
  for standard in c99 c11; do
    echo '#include <pigrad.h>' | $compiler -std=$standard "${strict[@]}" -x c - || wrong=1
  done
done
echo '#include <pigrad.h>' |
  "$@" -std=c++98 -Wno-long-long -Wall -Wextra -Werror -pedantic -fsyntax-only -Icapi -x c++ - || wrong=1
declared=$(grep -oE '\bpigrad_[a-z_]+\(' capi/pigrad.h | tr -d '(' | sort -u)
shown=$("$nm" -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u)
if [ "$declared" != "$shown" ]; then
  echo "capi: the header declares (<), the library shows (>):"
  diff <(echo "$declared") <(echo "$shown") || wrong=1
fi
exit $wrong
