#!/usr/bin/env bash
# arrows.sh [ROOT]: includes follow the arrows between folders, `core <- nn <- rl <- lab <- app`,
# `core <- env <- rl <- capi`, `env <- mujoco` and `core <- mpi`; policy stands alone, under capi. The library includes
# its own headers relatively, and nothing of third parties but Eigen and what a folder is there for.
set -euo pipefail
. "$(dirname "$0")/files.sh"
cd "${1:-.}"
sources "${library[@]}" | sort -z | xargs -0 awk '
  BEGIN {
    may["core"] = "core"
    may["policy"] = "policy"
    may["nn"] = "core nn"
    may["env"] = "core env"
    may["rl"] = "core nn env rl"
    may["lab"] = "core nn env rl lab"
    may["capi"] = "core policy nn env rl capi"
    may["mujoco"] = "core env mujoco"
    may["mpi"] = "core mpi"
    may["cuda"] = "core nn env rl cuda"
    system_header = "^(immintrin|omp|cpuid|fcntl|unistd|dlfcn|sched|signal|time|windows|sys/[a-z]+)[.]h$"
  }
  function bad(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what
    wrong = 1
  }
  function resolve(path, name,    parts, n, out, depth, i, result) {
    sub(/[^\/]*$/, "", path)
    n = split(path name, parts, "/")
    depth = 0
    for (i = 1; i <= n; ++i) {
      if (parts[i] == "..") { if (depth-- == 0) return "" }
      else if (parts[i] != ".") out[++depth] = parts[i]
    }
    result = out[1]
    for (i = 2; i <= depth; ++i) result = result "/" out[i]
    return result
  }
  /^[ \t]*#[ \t]*include[ \t]*["<]/ {
    folder = FILENAME
    sub(/\/.*/, "", folder)
    line = $0
    quoted = line ~ /include[ \t]*"/
    sub(/^[^"<]*["<]/, "", line)
    sub(/[">].*$/, "", line)
    if (quoted) {
      target = resolve(FILENAME, line)
      home = target
      sub(/\/.*/, "", home)
      if (index(" " may[folder] " ", " " home " ") == 0 || home == target)
        bad(folder " includes \"" line "\"; from " folder " the arrows reach only: " may[folder])
      else if ((getline ignored < target) < 0)
        bad("\"" line "\" is not there; write the path relative to this file")
      close(target)
    } else if (line ~ /^pigrad\//) {
      bad("<" line ">; inside the library include it relatively")
    } else if (line ~ /^nlohmann\// && FILENAME ~ /^nn\/safetensors[a-z_]*[.]cpp$/) {
    } else if (folder == "cuda" && line ~ /^(cuda|cub|cublas|curand|nccl|cooperative_groups|mma)/) {
    } else if (line ~ /^mpi[.]h$/ && FILENAME ~ /mpi[a-z_]*[.]cpp$/) {
    } else if (line ~ /^mujoco\// && FILENAME ~ /^mujoco\/[a-z_]*[.]cpp$/) {
    } else if (folder == "policy") {
      if (line !~ /^(errno|math|stddef|stdint|stdio|stdlib|string)[.]h$/)
        bad("<" line ">; policy stands on the C library alone")
    } else if (line !~ /^Eigen\// && line !~ /^[a-z0-9_]+$/ && line !~ system_header) {
      bad("<" line ">; the library includes nothing of third parties but Eigen")
    }
  }
  END { exit wrong }
'
