#!/usr/bin/env bash
# cortex_m.sh SOURCE BUILD PROGRAM: the exported C header as an object for a Cortex-M0 and a Cortex-M4, which asks for
# mathematics alone.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
work=$2/builds/cortex_m program=$3
need arm-none-eabi-gcc gcc-arm-none-eabi arm-none-eabi-nm binutils-arm-none-eabi
echo '#include <math.h>' | arm-none-eabi-gcc -E -x c - >/dev/null 2>&1 ||
  { echo "skipped: math.h for arm-none-eabi is missing; install libnewlib-arm-none-eabi"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
export_a_policy "$program" "$work"
cat >"$work/object.c" <<'END'
#include "policy.h"
void steer(const float *obs, float *action);
void explore(const float *obs, float *action, uint64_t *seed);
void steer(const float *obs, float *action) { policy_act(obs, action); }
void explore(const float *obs, float *action, uint64_t *seed) { policy_sample(obs, action, seed); }
END
for flags in "-mcpu=cortex-m0" "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard"; do
  # shellcheck disable=SC2086
  arm-none-eabi-gcc -std=c99 -Wall -Wextra -Werror -pedantic -Wconversion -Wdouble-promotion -O2 -mthumb $flags \
    -c "$work/object.c" -o "$work/object.o"
  arm-none-eabi-size "$work/object.o"
  asked=$(arm-none-eabi-nm -u "$work/object.o" | awk '{ print $2 }' | grep -vE '^__aeabi_' | sort -u)
  for symbol in $asked; do
    [[ $symbol =~ ^(cosf|expf|expm1f|log1pf|logf|sqrtf|tanhf|memcpy|memset|__errno)$ ]] ||
      fail "the object asks for $symbol"
  done
done
