# MuJoCo's library and headers: the target MuJoCo::MuJoCo, MuJoCo_VERSION, and MuJoCo_HAS_BUFFER_VFS where a text can be
# compiled from memory by mj_addBufferVFS. Looked for in MuJoCo_ROOT, CMAKE_PREFIX_PATH and the system. MuJoCo's own
# package is not asked: it wants OpenGL, which no simulation needs.
find_path(MuJoCo_INCLUDE_DIR mujoco/mujoco.h)
find_library(MuJoCo_LIBRARY mujoco)
mark_as_advanced(MuJoCo_INCLUDE_DIR MuJoCo_LIBRARY)
set(MuJoCo_VERSION "")
set(MuJoCo_HAS_BUFFER_VFS OFF)
if(MuJoCo_INCLUDE_DIR)
  file(STRINGS ${MuJoCo_INCLUDE_DIR}/mujoco/mujoco.h lines REGEX "mjVERSION_HEADER|mj_addBufferVFS")
  if(lines MATCHES "mj_addBufferVFS")
    set(MuJoCo_HAS_BUFFER_VFS ON)
  endif()
  # 222 is 2.2.2, 4000000 is 4.0.0.
  string(REGEX MATCH "mjVERSION_HEADER +([0-9]+)" line "${lines}")
  set(number "${CMAKE_MATCH_1}")
  if(number MATCHES "^([0-9])([0-9])([0-9])$")
    set(MuJoCo_VERSION ${CMAKE_MATCH_1}.${CMAKE_MATCH_2}.${CMAKE_MATCH_3})
  elseif(number GREATER 999999)
    math(EXPR major "${number} / 1000000")
    math(EXPR minor "${number} / 1000 % 1000")
    math(EXPR patch "${number} % 1000")
    set(MuJoCo_VERSION ${major}.${minor}.${patch})
  else()
    set(MuJoCo_VERSION ${number})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MuJoCo REQUIRED_VARS MuJoCo_LIBRARY MuJoCo_INCLUDE_DIR
                                         VERSION_VAR MuJoCo_VERSION)
if(MuJoCo_FOUND AND NOT TARGET MuJoCo::MuJoCo)
  add_library(MuJoCo::MuJoCo UNKNOWN IMPORTED)
  set_target_properties(MuJoCo::MuJoCo PROPERTIES IMPORTED_LOCATION "${MuJoCo_LIBRARY}"
                                                  INTERFACE_INCLUDE_DIRECTORIES "${MuJoCo_INCLUDE_DIR}")
endif()
