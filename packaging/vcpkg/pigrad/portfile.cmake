# An overlay port of the checkout that it lies in: vcpkg install pigrad --overlay-ports=packaging/vcpkg
get_filename_component(source "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
vcpkg_check_features(OUT_FEATURE_OPTIONS features FEATURES c PIGRAD_C)
vcpkg_cmake_configure(
  SOURCE_PATH "${source}"
  OPTIONS -DPIGRAD_APP=OFF -DPIGRAD_TESTS=OFF -DPIGRAD_EXAMPLES=OFF -DPIGRAD_BENCH=OFF -DPIGRAD_INSTALL=ON
          -DPIGRAD_MUJOCO=OFF -DPIGRAD_CUDA=OFF -DPIGRAD_MPI=OFF ${features})
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME pigrad CONFIG_PATH lib/cmake/pigrad)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include")
vcpkg_install_copyright(FILE_LIST "${source}/LICENSE")
