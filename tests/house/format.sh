#!/usr/bin/env bash
# format.sh [-i]: every source is as clang-format leaves it (-i: make it so). Releases differ in details: 14, Debian
# bookworm's, is the judge.
set -euo pipefail
. tests/house/files.sh
tool=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$tool" ]; then
  echo "format: clang-format is missing, so nothing was checked; install clang-format"
  exit 77
fi
version=$("$tool" --version | sed -E 's/.*version ([0-9]+).*/\1/')
if [ "$version" != 14 ]; then
  echo "format: clang-format 14 is the judge and this is $version, so nothing was checked"
  exit 77
fi
if [ "${1-}" = -i ]; then
  sources "${house[@]}" | xargs -0 "$tool" -i
elif ! sources "${house[@]}" | xargs -0 "$tool" --dry-run -Werror; then
  echo "format: build the target format, or run clang-format -i on the files above"
  exit 1
fi
