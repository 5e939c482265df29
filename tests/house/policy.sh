#!/usr/bin/env bash
# policy.sh NM LIBRARY: pigrad::policy asks for nothing but the C library, and what acts asks for no memory and no lock.
set -euo pipefail
nm=$1 library=$2
wrong=0
undefined() { "$nm" --undefined-only "$@" | awk 'NF == 2 { print $2 }' | sort -u; }
mathematics='(cosf|expf|expm1f|log1pf|logf|sqrtf|tanhf)'
may="$mathematics|sqrt|calloc|malloc|realloc|free|memcpy|memmove|memset|memcmp|strcmp|strlen|strncmp|strerror"
may="$may|snprintf|__snprintf_chk|fopen|fread|__fread_chk|fclose|ferror|__errno_location|_GLOBAL_OFFSET_TABLE_"
may="$may|__stack_chk_fail|__memcpy_chk|__isoc99_sscanf|_ZNK?6pigrad.*"
[ -n "$("$nm" --defined-only "$library" | grep _ZNK6pigrad6Policy3sayEPKfPf)" ] ||
  { echo "policy: say() is not in $library"; exit 1; }
for symbol in $(undefined "$library"); do
  [[ $symbol =~ ^($may)$ ]] || { echo "policy: it asks for $symbol, which is not of the C library"; wrong=1; }
done
acting=$("$nm" -A --undefined-only "$library" | awk -F: '/policy\.cpp\.o/ { print $NF }' | awk '{ print $2 }' | sort -u)
for symbol in $acting; do
  [[ $symbol =~ ^($mathematics|free|memcpy|memset|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$ ]] ||
    { echo "policy: what acts asks for $symbol"; wrong=1; }
done
exit $wrong
