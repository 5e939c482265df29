# pigrad_folder(NAME): adds a folder of the house, where this checkout has it.
macro(pigrad_folder name)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/CMakeLists.txt)
    add_subdirectory(${name})
  endif()
endmacro()

# pigrad_library(NAME SOURCES... DEPENDS...): one folder, one static library, one set of headers under <pigrad/NAME/>.
function(pigrad_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(pigrad_${name} STATIC ${arg_SOURCES})
  add_library(pigrad::${name} ALIAS pigrad_${name})
  set_target_properties(pigrad_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/pigrad)
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/include/pigrad/${name} SYMBOLIC COPY_ON_ERROR)
  target_include_directories(pigrad_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
                                                   $<INSTALL_INTERFACE:include>)
  target_compile_features(pigrad_${name} PUBLIC cxx_std_20)
  target_compile_options(pigrad_${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${PIGRAD_WARNINGS}>")
  target_link_libraries(pigrad_${name} PUBLIC ${arg_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY PIGRAD_LIBRARIES ${name})
endfunction()
