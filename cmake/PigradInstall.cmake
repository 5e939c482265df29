# The install tree, which can be moved: lib/libpigrad_*.a, include/pigrad/*/, lib/cmake/pigrad/ and
# lib/pkgconfig/pigrad*.pc.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY PIGRAD_LIBRARIES)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pigrad)
foreach(library ${libraries})
  install(TARGETS pigrad_${library} EXPORT pigrad-${library} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT pigrad-${library} NAMESPACE pigrad:: FILE pigrad-${library}.cmake DESTINATION ${package_dir})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${library}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pigrad/${library}
          FILES_MATCHING PATTERN "*.hpp" PATTERN "*.inl" PATTERN "*.cuh")
endforeach()
if(TARGET pigrad)
  install(TARGETS pigrad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

configure_package_config_file(cmake/pigradConfig.cmake.in ${PROJECT_BINARY_DIR}/pigradConfig.cmake
                              INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pigradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pigradConfig.cmake ${PROJECT_BINARY_DIR}/pigradConfigVersion.cmake
        DESTINATION ${package_dir})

if(PIGRAD_HAS_MUJOCO)
  install(FILES cmake/FindMuJoCo.cmake DESTINATION ${package_dir})
endif()

# What needs another library has a .pc file of its own, so that the plain one needs none.
set(archives "")
set(plain ${libraries})
list(REMOVE_ITEM plain mujoco)
foreach(library ${plain})
  string(PREPEND archives "-lpigrad_${library} ")
endforeach()
if(PIGRAD_HAS_OPENMP)
  list(JOIN OpenMP_CXX_FLAGS " " openmp_flags)
  string(APPEND archives "${openmp_flags}")
endif()
string(STRIP "${archives}" archives)
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" up "${up}")
  set(pc_prefix "\${pcfiledir}/${up}")
endif()
configure_file(cmake/pigrad.pc.in ${PROJECT_BINARY_DIR}/pigrad.pc @ONLY)
if(PIGRAD_HAS_MUJOCO)
  configure_file(cmake/pigrad-mujoco.pc.in ${PROJECT_BINARY_DIR}/pigrad-mujoco.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/pigrad-mujoco.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
install(FILES ${PROJECT_BINARY_DIR}/pigrad.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
