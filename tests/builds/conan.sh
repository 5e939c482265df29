#!/usr/bin/env bash
# conan.sh SOURCE BUILD: `conan create packaging/conan`, which builds the package, and programs with it. Eigen and JSON
# are this machine's own headers under the names that the recipe asks for, so that nothing is fetched.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
source=$1 work=$2/builds/conan
need conan "conan (PyPI)" ninja ninja-build
headers_alone "$work"
export CONAN_HOME=$work/home
rm -rf "$work/headers"
package_of() { # NAME VERSION FOLDER-OF-HEADERS SUBFOLDER CMAKE-NAME
  mkdir -p "$work/headers/$1"
  cat >"$work/headers/$1/conanfile.py" <<END
from conan import ConanFile
from conan.tools.files import copy
class Headers(ConanFile):
    name, version, package_type = "$1", "$2", "header-library"
    def package(self):
        copy(self, "*", "$3/$4", self.package_folder + "/include/$4")
    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "$5")
        self.cpp_info.set_property("cmake_target_name", "$5::${6-$5}")
        self.cpp_info.bindirs = self.cpp_info.libdirs = []
END
  conan create "$work/headers/$1" --no-remote >"$work/$1.log" 2>&1 || { cat "$work/$1.log"; fail "no headers of $1"; }
}
[ -e "$CONAN_HOME/profiles/default" ] || conan profile detect
package_of eigen 3.4.0 /usr/include/eigen3 . Eigen3 Eigen
package_of nlohmann_json 3.11.3 /usr/include nlohmann nlohmann_json
! command -v ccache >/dev/null || export CMAKE_CXX_COMPILER_LAUNCHER=ccache
conan create "$source/packaging/conan" --no-remote -c tools.cmake.cmaketoolchain:generator=Ninja -c tools.build:jobs=2 \
  -c tools.cmake.cmake_layout:test_folder="$work/test" ${PIGRAD_CONAN_ARGUMENTS-}
conan list "pigrad/*:*"
