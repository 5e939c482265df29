# The house's rules as CTest tests (labels house and install), and the targets `tidy` and `format`.
find_program(PIGRAD_RUN_CLANG_TIDY NAMES run-clang-tidy run-clang-tidy-14)
if(PIGRAD_RUN_CLANG_TIDY)
  add_custom_target(tidy COMMAND ${PIGRAD_RUN_CLANG_TIDY} -quiet -p ${PROJECT_BINARY_DIR}
                                 "${PROJECT_SOURCE_DIR}/(core|nn|env|rl|lab|mujoco|app|examples)/.*"
                    USES_TERMINAL VERBATIM)
endif()
add_custom_target(format COMMAND bash tests/house/format.sh -i WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
if(NOT PIGRAD_TESTS OR PIGRAD_FAST_TESTS_ONLY)
  return()
endif()

function(pigrad_house name)
  add_test(NAME house.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} COMMAND_EXPAND_LISTS)
  set_tests_properties(house.${name} PROPERTIES LABELS house SKIP_RETURN_CODE 77)
endfunction()

set(house ${PROJECT_SOURCE_DIR}/tests/house)
pigrad_house(arrows bash ${house}/arrows.sh)
pigrad_house(arrows.judge bash ${house}/arrows_judge.sh)
pigrad_house(columns bash ${house}/columns.sh)
pigrad_house(extensions bash ${house}/extensions.sh)
pigrad_house(format bash ${house}/format.sh)
pigrad_house(quotes bash ${house}/quotes.sh)
pigrad_house(references bash ${house}/references.sh)
if(CMAKE_NM AND NOT PIGRAD_SANITIZE)
  pigrad_house(policy bash ${house}/policy.sh ${CMAKE_NM} $<TARGET_FILE:pigrad_policy>)
  if(TARGET pigrad_c_shared AND UNIX AND NOT APPLE)
    pigrad_house(capi bash ${house}/capi.sh ${CMAKE_NM} $<TARGET_FILE:pigrad_c_shared> ${CMAKE_CXX_COMPILER})
  endif()
  pigrad_house(isa bash ${house}/isa.sh ${CMAKE_NM} $<TARGET_OBJECTS:pigrad_core>)
endif()

get_property(libraries GLOBAL PROPERTY PIGRAD_LIBRARIES)
get_target_property(eigen_include Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
foreach(library ${libraries})
  pigrad_house(headers.${library} bash ${house}/headers.sh ${library} ${PROJECT_BINARY_DIR}/include
               ${CMAKE_CXX_COMPILER_LAUNCHER} ${CMAKE_CXX_COMPILER} -isystem ${eigen_include})
endforeach()

if(PIGRAD_INSTALL)
  set(install bash ${PROJECT_SOURCE_DIR}/tests/install/consumer.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}
      ${CMAKE_CXX_COMPILER})
  foreach(way install find_package pkg_config plain add_subdirectory FetchContent)
    add_test(NAME install.${way} COMMAND ${install} ${way})
    set_tests_properties(install.${way} PROPERTIES LABELS install SKIP_RETURN_CODE 77)
  endforeach()
  set_tests_properties(install.install PROPERTIES FIXTURES_SETUP pigrad_installed)
  set_tests_properties(install.find_package install.pkg_config install.plain
                       PROPERTIES FIXTURES_REQUIRED pigrad_installed)
endif()

# Other compilers, other processors, small programs: each skipped where its compiler is missing.
function(pigrad_build_test name script)
  add_test(NAME builds.${name} COMMAND bash ${PROJECT_SOURCE_DIR}/tests/builds/${script}.sh ${PROJECT_SOURCE_DIR}
                                       ${PROJECT_BINARY_DIR} ${ARGN})
  set_tests_properties(builds.${name} PROPERTIES LABELS builds SKIP_RETURN_CODE 77 TIMEOUT 3600)
endfunction()
if(PIGRAD_C AND NOT PIGRAD_SANITIZE)
  foreach(compiler g++ clang++)
    pigrad_build_test(${compiler} compiler ${compiler})
  endforeach()
endif()
if(TARGET pigrad AND PIGRAD_SAFETENSORS AND NOT PIGRAD_SANITIZE)
  foreach(script aarch64 cortex_m policy_size)
    pigrad_build_test(${script} ${script} $<TARGET_FILE:pigrad>)
  endforeach()
endif()
