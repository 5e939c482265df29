#!/usr/bin/env bash
# isa.sh NM OBJECT...: an object compiled for one instruction set defines its tables and nothing that a linker could use
# for another file (a weak or other global symbol), and needs nothing but the C library's block copies.
set -euo pipefail
nm=$1
shift
status=0 seen=0
for object in "$@"; do
  case $object in
    */simd/avx*) ;;
    *) continue ;;
  esac
  seen=$((seen + 1))
  while read -r kind name; do
    case "$kind $name" in
      [trdb]\ *) ;;
      D\ pigrad::avx*::*_table | R\ pigrad::avx*::*_table) ;;
      U\ mem*) ;;
      U\ __asan* | U\ __ubsan* | U\ __tsan* | U\ __stack_chk* | U\ _GLOBAL_OFFSET_TABLE_) ;;
      *)
        echo "isa: ${object##*/} has the symbol '$name' ($kind); keep it inside the file (static, no inline of others)"
        status=1
        ;;
    esac
  done < <("$nm" -C "$object" | sed -E 's/^[0-9a-f ]{16} //')
done
[ "$seen" -gt 0 ] || exit 77
[ "$status" = 0 ] && echo "isa: $seen objects keep to themselves"
exit "$status"
