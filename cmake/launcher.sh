# Sourced by ./pigrad when there is something to install, to build or to test.
say() { printf 'pigrad: %s\n' "$*"; }
die() {
  printf 'pigrad: %s\n' "$1" >&2
  exit "${2-2}"
}

# What is needed, and what is wished for: without it some part is missing, and the rest works.
# PACKAGE:SIGN: a Debian package and what shows that it is there: a command, a header, or the pattern of a path.
need_to_build=(g++:g++ cmake:cmake ninja-build:ninja libeigen3-dev:eigen3/Eigen/Core libyaml-cpp-dev:yaml-cpp/yaml.h
  nlohmann-json3-dev:nlohmann/json.hpp libcli11-dev:CLI/CLI.hpp libcairo2-dev:cairo/cairo.h libgif-dev:gif_lib.h
  libprotozero-dev:protozero/pbf_writer.hpp
  pkg-config:pkg-config)
wish_to_build=(libmujoco-dev:mujoco/mujoco.h)
# For the tests of training by many processes, which are skipped without.
wish_to_test=(libopenmpi-dev:mpicxx openmpi-bin:mpirun)
need_to_test=(doctest-dev:doctest/doctest.h ccache:ccache clang-format:clang-format)
need_to_document=(python3:python3 mkdocs:mkdocs doxygen:doxygen libjs-katex:/usr/share/javascript/katex/katex.min.js
  python3-pymdownx:/usr/lib/python3/dist-packages/pymdownx python3-pygments:/usr/lib/python3/dist-packages/pygments)
need_to_sanitize=(clang:clang++ libomp-14-dev:/usr/lib/llvm-14/lib/libarcher.so
  "libclang-rt-14-dev:/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.tsan-*.a")

present() {
  case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    */*) [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ] || [ -e "/usr/include/$(uname -m)-linux-gnu/$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

# find_missing PACKAGE:SIGN...: puts the packages whose sign is missing into `missing`.
find_missing() {
  local pair
  missing=()
  for pair in "$@"; do
    present "${pair#*:}" || missing+=("${pair%%:*}")
  done
}

# need PACKAGE:SIGN...: installs what is missing, or says how to and ends with status 2.
need() {
  [ -z "${PIGRAD_NO_SETUP-}" ] || return 0
  local missing why
  find_missing "$@"
  [ ${#missing[@]} -gt 0 ] || return 0
  say "missing: ${missing[*]}"
  install_packages "${missing[@]}" || die "$why"
}

# wish PACKAGE:SIGN...: installs what is missing, or says once that it goes on without.
wish() {
  [ -z "${PIGRAD_NO_SETUP-}" ] || return 0
  local missing why package without=$build/.pigrad-without
  find_missing "$@"
  for package in "${missing[@]}"; do
    ! grep -qsx "$package" "$without" || continue
    say "missing, but not needed: $package"
    install_packages "$package" && continue
    say "going on without $package: $why"
    mkdir -p "$build"
    echo "$package" >>"$without"
  done
}

# install_packages PACKAGE...: where that fails, `why` says so.
install_packages() {
  local command=(apt-get install -y --no-install-recommends "$@") as=()
  if ! command -v apt-get >/dev/null; then
    why="this system has no apt-get: install what those Debian packages hold, then set PIGRAD_NO_SETUP=1"
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      as=(sudo)
    else
      why="installing needs root; run: sudo apt-get update && sudo ${command[*]}"
      return 1
    fi
  fi
  say "installing: ${as[*]}${as:+ }${command[*]}"
  mkdir -p "$build"
  local log=$build/setup.log began=$SECONDS steps='^Setting up'
  [ ! -t 1 ] || steps='^(Get:|Unpacking|Setting up)'
  : >"$log"
  # An index that cannot be refreshed may still do; what counts is whether the packages come.
  if [ -z "${index_is_fresh-}" ]; then
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update >>"$log" 2>&1
    index_is_fresh=yes
  fi
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends -o Dpkg::Use-Pty=0 \
    "$@" 2>&1 | tee -a "$log" | progress "$steps"
  if [ "${PIPESTATUS[0]}" != 0 ]; then
    grep -E '^[EW]:' "$log" >&2
    why="that could not be installed; the log is $log"
    return 1
  fi
  say "installed in $((SECONDS - began)) s"
}

# progress PATTERN [others]: lines that match are progress: on a terminal each takes the place of the one before. Other
# lines are left out, or pass whole if asked for.
progress() {
  local pattern=$1 others=${2-} line columns shown=0
  columns=$(tput cols 2>/dev/null || echo 80)
  while IFS= read -r line; do
    if [[ $line =~ $pattern ]]; then
      if [ -t 1 ]; then
        printf '\r\033[K%s' "${line:0:columns-1}"
        shown=1
      else
        printf '%s\n' "$line"
      fi
    elif [ -n "$others" ]; then
      [ $shown = 0 ] || printf '\n'
      shown=0
      printf '%s\n' "$line"
    fi
  done
  [ $shown = 0 ] || printf '\r\033[K'
}

# build_preset PRESET [CMAKE ARGUMENT...] [-- TARGET...]: configures where that is needed, and builds. Two
# launchers that run at the same time build one after the other.
build_preset() {
  local preset=$1 dir=$root/build log status arguments=()
  shift
  [ "$preset" = release ] || dir=$root/build-$preset
  while [ $# -gt 0 ] && [ "$1" != -- ]; do arguments+=("$1") && shift; done
  [ $# = 0 ] || shift
  log=$dir/build.log
  mkdir -p "$dir"
  exec 9>"$dir/.lock"
  flock 9
  local began=$SECONDS
  # MuJoCo came after this folder was configured to use it where found.
  if grep -qs '^MuJoCo_LIBRARY:.*NOTFOUND' "$dir/CMakeCache.txt" && present mujoco/mujoco.h &&
    grep -qs '^PIGRAD_MUJOCO:.*AUTO' "$dir/CMakeCache.txt"; then
    arguments+=(-DPIGRAD_MUJOCO=AUTO)
  fi
  if [ ! -e "$dir/build.ninja" ] || [ ${#arguments[@]} -gt 0 ]; then
    if ! (cd "$root" && cmake --preset "$preset" "${arguments[@]}") >"$dir/configure.log" 2>&1; then
      cat "$dir/configure.log" >&2
      say "configuring $preset failed; the log is $dir/configure.log" >&2
      exec 9>&-
      return 1
    fi
    sed -n '/^-- pigrad /,/^-- Configuring/{/^-- Configuring/d;s/^-- //p}' "$dir/configure.log"
  fi
  NINJA_STATUS='[%f/%t %es] ' cmake --build "$dir" ${1:+--target "$@"} 2>&1 | tee "$log" | progress '^\[' others
  status=${PIPESTATUS[0]}
  exec 9>&-
  if [ "$status" != 0 ]; then
    say "building $preset failed with status $status; the log is $log" >&2
    return "$status"
  fi
  say "$preset is built ($((SECONDS - began)) s)"
}

make_program() {
  [ -e "$root/app/CMakeLists.txt" ] || die "this checkout has no app folder, so there is no program to build"
  need "${need_to_build[@]}"
  wish "${wish_to_build[@]}"
  local options=() began=$build/.pigrad-began.$$
  [ -e "$build/build.ninja" ] || options=(-DPIGRAD_TESTS=OFF -DPIGRAD_EXAMPLES=OFF -DPIGRAD_BENCH=OFF)
  mkdir -p "$build"
  # The stamp is as old as the start of the build: an edit made meanwhile is newer.
  touch "$began"
  build_preset release "${options[@]}" -- app/pigrad || {
    local status=$?
    rm -f "$began"
    exit $status
  }
  mv "$began" "$stamp"
}

# test_preset PRESET CTEST-ARGUMENT...: runs the tests of a built preset and adds to the counts and the closing lines.
test_preset() {
  local preset=$1 dir=$root/build log line began=$SECONDS
  shift
  [ "$preset" = release ] || dir=$root/build-$preset
  log=$dir/test.log
  (cd "$dir" && ctest --output-on-failure -j "$jobs" "$@") 2>&1 | tee "$log"
  [ "${PIPESTATUS[0]}" = 0 ] || failed_presets+=" $preset"
  line=$(grep -E 'tests passed, .* tests? failed out of' "$log") || line="no tests found"
  if [[ $line =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
    tests_failed=$((tests_failed + BASH_REMATCH[1]))
    tests_run=$((tests_run + BASH_REMATCH[2]))
  fi
  closing+=("$(printf '%-8s %s (%d s)' "$preset" "$line" $((SECONDS - began)))")
}

# Beside PyTorch and Gymnasium, from PyPI into build/peers-python, or by the interpreter in PIGRAD_PEERS_PYTHON.
run_peers() {
  local python=${PIGRAD_PEERS_PYTHON-} programs=$root/build/tests/peers failed=0
  need "${need_to_build[@]}" "${need_to_test[@]}"
  build_preset release -DPIGRAD_TESTS=ON -- random_losses random_steps || exit
  if [ -z "$python" ]; then
    python=$build/peers-python/bin/python
    if ! "$python" -c 'import torch, gymnasium, safetensors' 2>/dev/null; then
      python3 -c 'import ensurepip, venv' 2>/dev/null ||
        need python3:python3 "python3-venv:/usr/lib/python3*/ensurepip/__init__.py"
      say "installing torch, gymnasium and safetensors from PyPI (some gigabytes)"
      python3 -m venv "$build/peers-python" >"$build/peers-python.log" 2>&1 &&
        "$python" -m pip install --disable-pip-version-check torch "gymnasium[mujoco]" safetensors numpy \
          >>"$build/peers-python.log" 2>&1 || die "that could not be installed; the log is $build/peers-python.log" 1
    fi
  fi
  "$python" "$root/tests/peers/against_torch.py" "$programs/random_losses" || failed=1
  "$python" "$root/tests/peers/against_gymnasium.py" "$programs/random_steps" || failed=1
  return $failed
}

run_tests() {
  case ${1-} in
    --peers) run_peers && exit || exit 1 ;;
    --mutants)
      need "${need_to_build[@]}" "${need_to_test[@]}" python3:python3
      exec python3 "$root/tests/mutation/run.py" "${@:2}"
      ;;
  esac
  local presets=(release asan tsan) tests_failed=0 tests_run=0 failed_presets="" closing=() jobs preset line targets=()
  case ${1-} in
    --quick) shift && presets=(release) ;;
    --fuzz) shift && presets=(asan) targets=(-- fuzz) && set -- -L fuzz "$@" ;;
  esac
  jobs=$(nproc 2>/dev/null || echo 1)
  local needed=("${need_to_build[@]}" "${need_to_test[@]}")
  [ "${presets[*]}" = release ] || needed+=("${need_to_sanitize[@]}")
  need "${needed[@]}"
  wish "${wish_to_build[@]}" "${wish_to_test[@]}"
  for preset in "${presets[@]}"; do
    local options=()
    [ "$preset" != release ] || options=(-DPIGRAD_TESTS=ON -DPIGRAD_EXAMPLES=ON)
    say "$preset: building"
    build_preset "$preset" "${options[@]}" "${targets[@]}" || exit
    test_preset "$preset" "$@"
  done
  printf '\n'
  printf '%s\n' "${closing[@]}"
  [ -z "$failed_presets" ] || say "tests failed under:$failed_presets; each build folder's test.log says which"
  printf '%d%% tests passed, %d tests failed out of %d\n' \
    $((tests_run == 0 ? 100 : 100 * (tests_run - tests_failed) / tests_run)) "$tests_failed" "$tests_run"
  [ -z "$failed_presets" ]
}

# Without a name: pigrad beside its peers, by bench/compare. A name alone: that benchmark. build: only build them.
run_bench() {
  [ -x "$root/bench/run" ] || die "this checkout has no bench/run, so there is nothing to measure"
  case ${1-} in
    "" | -*)
      # A Python that makes virtual environments will do, wherever it comes from.
      python3 -c 'import ensurepip, venv' 2>/dev/null ||
        need python3:python3 "python3-venv:/usr/lib/python3*/ensurepip/__init__.py"
      exec python3 "$root/bench/compare" "$@"
      ;;
    list) exec "$root/bench/run" list ;;
  esac
  need "${need_to_build[@]}"
  if [ "$1" = sizes ]; then
    # Measures the program as it is used, and a library that it builds by itself.
    build_preset release || exit
    exec "$root/bench/run" "$@"
  fi
  local options=(-DPIGRAD_BENCH=ON)
  [ "$1" != build ] || options+=("${@:2}")
  build_preset release "${options[@]}" -- benchmarks || exit
  [ "$1" = build ] || exec "$root/bench/run" "$@"
}

# The site, by the Python that has mkdocs: Debian's own, if another one comes first on the PATH.
make_docs() {
  need "${need_to_document[@]}"
  local python began=$SECONDS
  for python in python3 /usr/bin/python3; do
    ! "$python" -c 'import mkdocs, pymdownx, pygments' 2>/dev/null || break
  done
  mkdir -p "$build"
  "$python" "$root/docs/site/make.py" "$build" "$root" || die "the site was not made; what is wrong stands above" 1
  say "the book is in build/site/index.html ($((SECONDS - began)) s)"
}
