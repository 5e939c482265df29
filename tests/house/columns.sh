#!/usr/bin/env bash
# No line of code is longer than 120 columns, counted in characters.
set -euo pipefail
export LC_ALL=C.UTF-8
. tests/house/files.sh
scripts() {
  find . -path './build*' -prune -o -path ./.git -prune -o -type f \
    \( -name '*.sh' -o -name '*.py' -o -name '*.cmake' -o -name CMakeLists.txt -o -path ./pigrad \) -print0
}
if { sources "${house[@]}" && scripts; } | xargs -0 grep -HnE '^.{121,}'; then
  echo "columns: these lines are longer than 120 columns; break them"
  exit 1
fi
