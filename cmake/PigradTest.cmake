# pigrad_test(NAME LIBRARIES... [LABELS LABEL...]): tests/NAME.cpp is one doctest executable and one CTest test. It is
# labelled fast unless told otherwise; LABELS slow keeps it out of the sanitizers' runs. A test of the program's parts
# is there only where the program is built.
find_package(doctest QUIET)
if(NOT doctest_FOUND)
  message(FATAL_ERROR "PIGRAD_TESTS: doctest is missing; install doctest-dev, or set PIGRAD_TESTS=OFF")
endif()

add_library(pigrad_test_main OBJECT EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/../tests/main.cpp)
target_link_libraries(pigrad_test_main PRIVATE doctest::doctest)

set(PIGRAD_TEST_ENVIRONMENT "")
if(PIGRAD_SANITIZE STREQUAL "address")
  set(PIGRAD_TEST_ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1"
      "LSAN_OPTIONS=print_suppressions=0:suppressions=${PROJECT_SOURCE_DIR}/tests/sanitizer/leaks.txt")
endif()
if(PIGRAD_SANITIZE STREQUAL "thread")
  find_library(PIGRAD_ARCHER archer PATHS /usr/lib/llvm-14/lib)
  if(NOT PIGRAD_ARCHER)
    message(FATAL_ERROR "PIGRAD_SANITIZE=thread: libarcher is missing, and without it OpenMP's own barriers are "
                        "reported as races; install libomp-14-dev, or give its place in PIGRAD_ARCHER")
  endif()
  set(PIGRAD_TEST_ENVIRONMENT "OMP_TOOL_LIBRARIES=${PIGRAD_ARCHER}"
                              "TSAN_OPTIONS=ignore_noninstrumented_modules=1 halt_on_error=1")
endif()

function(pigrad_test name)
  cmake_parse_arguments(arg "" "" "LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS fast)
  elseif(PIGRAD_FAST_TESTS_ONLY AND NOT fast IN_LIST arg_LABELS)
    return()
  endif()
  if(NOT PIGRAD_APP AND "pigrad::app" IN_LIST arg_UNPARSED_ARGUMENTS)
    return()
  endif()
  add_executable(test_${name} ${name}.cpp $<TARGET_OBJECTS:pigrad_test_main>)
  target_compile_definitions(test_${name} PRIVATE PIGRAD_GOLDEN_DIR="${CMAKE_CURRENT_SOURCE_DIR}/golden")
  target_compile_options(test_${name} PRIVATE ${PIGRAD_WARNINGS})
  target_link_libraries(test_${name} PRIVATE ${arg_UNPARSED_ARGUMENTS} doctest::doctest)
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" ENVIRONMENT "${PIGRAD_TEST_ENVIRONMENT}")
endfunction()

# A sanitizer that reports nothing proves nothing unless it reports a fault that is there.
if(PIGRAD_SANITIZE)
  add_executable(test_sanitizer ${CMAKE_CURRENT_LIST_DIR}/../tests/sanitizer/fault.cpp)
  target_link_libraries(test_sanitizer PRIVATE pigrad::core)
  set(report_of_address heap-buffer-overflow)
  set(report_of_leak "LeakSanitizer: detected memory leaks")
  set(report_of_undefined "signed integer overflow")
  set(report_of_thread "data race")
  set(faults thread)
  if(PIGRAD_SANITIZE STREQUAL "address")
    set(faults address leak undefined)
  endif()
  foreach(fault ${faults})
    add_test(NAME sanitizer.${fault} COMMAND test_sanitizer ${fault})
    set_tests_properties(sanitizer.${fault} PROPERTIES LABELS fast ENVIRONMENT "${PIGRAD_TEST_ENVIRONMENT}"
                         PASS_REGULAR_EXPRESSION "${report_of_${fault}}")
  endforeach()
endif()
