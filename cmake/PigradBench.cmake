# What several benchmarks share is a static library, pigrad_bench_NAME.
function(pigrad_bench_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(pigrad_bench_${name} STATIC ${arg_SOURCES})
  target_compile_options(pigrad_bench_${name} PRIVATE ${PIGRAD_WARNINGS})
  target_link_libraries(pigrad_bench_${name} PUBLIC ${arg_DEPENDS})
endfunction()

pigrad_bench_library(harness SOURCES harness.cpp report.cpp)

# pigrad_bench(NAME LIBRARIES...): bench/NAME.cpp is one program, bench_NAME, on the harness that all of them share.
function(pigrad_bench name)
  add_executable(bench_${name} ${name}.cpp)
  target_compile_options(bench_${name} PRIVATE ${PIGRAD_WARNINGS})
  target_link_libraries(bench_${name} PRIVATE pigrad_bench_harness ${ARGN})
endfunction()
