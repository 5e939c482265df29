# Sourced by the checks beside it. sources FOLDER...: the C++ and CUDA files of those folders that this checkout has,
# as a list ended by NULs.
sources() {
  local folders=() folder
  for folder in "$@"; do
    [ -d "$folder" ] && folders+=("$folder")
  done
  find "${folders[@]}" -type f \
    \( -name '*.hpp' -o -name '*.cpp' -o -name '*.inl' -o -name '*.cu' -o -name '*.cuh' \) -print0
}
library=(core policy nn env rl lab capi mujoco mpi cuda)
house=("${library[@]}" app bench tests examples exercises)
