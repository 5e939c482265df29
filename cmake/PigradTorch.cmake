# LibTorch for the comparisons in bench/: its CPU library and headers, found directly, because find_package(Torch) asks
# for CUDA's toolkit wherever LibTorch was built with it. Looked for in CMAKE_PREFIX_PATH (a LibTorch folder, or what
# torch.utils.cmake_prefix_path prints) and in python3's packages.
set(PIGRAD_HAS_TORCH OFF)
if(NOT PIGRAD_TORCH STREQUAL "OFF")
  set(hints ${CMAKE_PREFIX_PATH})
  if(NOT PIGRAD_TORCH_INCLUDE)
    find_program(PIGRAD_PYTHON python3)
    if(PIGRAD_PYTHON)
      execute_process(
        COMMAND ${PIGRAD_PYTHON} -c
                "import importlib.util as u; s = u.find_spec('torch'); s and print(s.submodule_search_locations[0])"
        OUTPUT_VARIABLE package OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      list(APPEND hints ${package})
    endif()
  endif()
  find_path(PIGRAD_TORCH_INCLUDE torch/csrc/api/include/torch/torch.h HINTS ${hints}
            PATH_SUFFIXES include ../../include)
  foreach(library torch_cpu c10)
    find_library(PIGRAD_LIB_${library} ${library} HINTS ${PIGRAD_TORCH_INCLUDE}/../lib NO_DEFAULT_PATH)
  endforeach()
  if(PIGRAD_TORCH_INCLUDE AND PIGRAD_LIB_torch_cpu AND PIGRAD_LIB_c10)
    set(PIGRAD_HAS_TORCH ON)
  elseif(PIGRAD_TORCH STREQUAL "ON")
    message(FATAL_ERROR "PIGRAD_TORCH=ON: no LibTorch in CMAKE_PREFIX_PATH; python3 -m pip install torch, then give "
                        "-DCMAKE_PREFIX_PATH=$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')")
  endif()
endif()

if(PIGRAD_HAS_TORCH)
  add_library(pigrad_torch INTERFACE)
  target_include_directories(pigrad_torch SYSTEM INTERFACE ${PIGRAD_TORCH_INCLUDE}
                                                           ${PIGRAD_TORCH_INCLUDE}/torch/csrc/api/include)
  get_filename_component(folder ${PIGRAD_LIB_torch_cpu} DIRECTORY)
  target_link_libraries(pigrad_torch INTERFACE -L${folder} -ltorch_cpu -lc10 -Wl,-rpath,${folder})
  set(PIGRAD_TORCH_FOUND "yes" CACHE INTERNAL "")
else()
  set(PIGRAD_TORCH_FOUND "no (PIGRAD_TORCH=${PIGRAD_TORCH}): bench/README.md says how to get it" CACHE INTERNAL "")
endif()
