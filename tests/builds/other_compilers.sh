#!/usr/bin/env bash
# other_compilers.sh SOURCE BUILD: every file of the library under a compiler that says it is not GNU's and has another
# standard library: the branches that compilers take which are neither g++ nor clang. Compiled, and not linked.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
source=$1 work=$2/builds/other_compilers
need clang++ clang
echo '#include <charconv>' | clang++ -x c++ -std=c++20 -stdlib=libc++ -fsyntax-only - 2>/dev/null ||
  { echo "skipped: libc++ is missing; install libc++-dev"; exit 77; }
mkdir -p "$work"
# What libc++ 14 lacks of C++17, and Microsoft's library has.
cat >"$work/lacking.hpp" <<'END'
#include <charconv>
#if _LIBCPP_VERSION < 20000
namespace std {
from_chars_result from_chars(const char*, const char*, double&, chars_format = chars_format::general);
}
#endif
END
eigen=$(sed -n 's/^Eigen3_DIR:PATH=//p' "$2/CMakeCache.txt")
wrong=0
for folder in core policy nn env rl capi; do
  for file in "$source"/$folder/*.cpp "$source"/$folder/*/*.cpp; do
    case $file in *\** | */core/simd/avx* | *_windows.cpp | *_off.cpp) continue ;; esac
    clang++ -std=c++20 -stdlib=libc++ -fgnuc-version=0 -fsyntax-only -include "$work/lacking.hpp" -Wall -Wextra \
      -Wpedantic -Wconversion -Wgnu -Werror -Wno-literal-range -I"$2/include" \
      -isystem "${eigen%/share/*}/include/eigen3" -isystem /usr/include/eigen3 -DEIGEN_DONT_PARALLELIZE \
      -DPIGRAD_RELEASE='"0"' "$file" || { echo "$file"; wrong=1; }
  done
done
[ $wrong = 0 ] || fail "those take more than the standard has"
