# Workers of peers whose sources are not packaged ready to be built against: RLtools and PufferLib's cart-pole, from the
# folders that the user names (bench/README.md). They are compiled for this processor, as their makers do.
set(PIGRAD_RLTOOLS "" CACHE PATH "RLtools for the benchmarks: a folder with include/rl_tools/rl_tools.h")
set(PIGRAD_PUFFERLIB "" CACHE PATH "PufferLib for the benchmarks: a folder with pufferlib/ocean/cartpole/cartpole.h")

# pigrad_peer_worker(NAME [SOURCES...] [INCLUDE folders...] [OPTIONS flags...] [LIBRARIES...]): bench_worker_NAME.
function(pigrad_peer_worker name)
  cmake_parse_arguments(arg "" "" "SOURCES;INCLUDE;OPTIONS;LIBRARIES" ${ARGN})
  add_executable(bench_worker_${name} ${arg_SOURCES})
  target_include_directories(bench_worker_${name} SYSTEM PRIVATE ${arg_INCLUDE})
  target_compile_options(bench_worker_${name} PRIVATE -O3 -march=native ${arg_OPTIONS})
  target_link_libraries(bench_worker_${name} PRIVATE pigrad_bench_worker ${arg_LIBRARIES})
endfunction()

if(PIGRAD_RLTOOLS)
  if(NOT EXISTS ${PIGRAD_RLTOOLS}/include/rl_tools/rl_tools.h)
    message(FATAL_ERROR "PIGRAD_RLTOOLS: ${PIGRAD_RLTOOLS} has no include/rl_tools/rl_tools.h; name a folder that has")
  endif()
  find_library(PIGRAD_LIB_openblas openblas)
  find_path(PIGRAD_OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas openblas-pthread
            HINTS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
  if(PIGRAD_LIB_openblas AND PIGRAD_OPENBLAS_INCLUDE)
    pigrad_peer_worker(rltools SOURCES peers/rltools_worker.cpp LIBRARIES ${PIGRAD_LIB_openblas}
                       INCLUDE ${PIGRAD_RLTOOLS}/include ${PIGRAD_OPENBLAS_INCLUDE} OPTIONS -ffast-math)
    target_compile_definitions(bench_worker_rltools PRIVATE RL_TOOLS_BACKEND_ENABLE_OPENBLAS)
  else()
    message(STATUS "RLtools is left out of the benchmarks: no OpenBLAS (apt-get install libopenblas-dev)")
  endif()
  mark_as_advanced(PIGRAD_LIB_openblas PIGRAD_OPENBLAS_INCLUDE)
endif()

if(PIGRAD_PUFFERLIB)
  if(NOT EXISTS ${PIGRAD_PUFFERLIB}/pufferlib/ocean/cartpole/cartpole.h)
    message(FATAL_ERROR "PIGRAD_PUFFERLIB: ${PIGRAD_PUFFERLIB} has no pufferlib/ocean/cartpole/cartpole.h; name a "
                        "folder that has")
  endif()
  enable_language(C)
  pigrad_peer_worker(puffer SOURCES peers/puffer_worker.cpp peers/puffer_cartpole.c LIBRARIES m
                     INCLUDE ${PIGRAD_PUFFERLIB} ${CMAKE_CURRENT_SOURCE_DIR}/peers/no_window)
endif()
