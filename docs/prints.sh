#!/usr/bin/env bash
# prints.sh EXPECTED PROGRAM...: the program succeeds and prints what the page says; without such a file it succeeds.
set -u
expected=$1
shift
printed=$("$@")
status=$?
[ "$status" = 0 ] || { echo "the program on the page ended with status $status"; exit 1; }
[ ! -e "$expected" ] || diff -u --label page --label program "$expected" <(printf '%s\n' "$printed")
