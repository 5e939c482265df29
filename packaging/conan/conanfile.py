"""conan create packaging/conan: the library of the checkout that this lies in."""
import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Pigrad(ConanFile):
    name = "pigrad"
    description = "Policy gradients, from the gradient up: training and inference for other programs"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_c": [True, False], "with_openmp": [True, False]}
    default_options = {"with_c": True, "with_openmp": False}

    @property
    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        text = load(self, os.path.join(self._checkout, "CMakeLists.txt"))
        self.version = re.search(r"project\(pigrad VERSION (\S+)", text).group(1)

    def export_sources(self):
        for what in ("CMakeLists.txt", "LICENSE", "cmake/*", "core/*", "policy/*", "nn/*", "env/*", "rl/*", "lab/*",
                     "capi/*"):
            copy(self, what, self._checkout, self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/3.4.0", transitive_headers=True)
        self.requires("nlohmann_json/3.11.3")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for part in ("APP", "TESTS", "EXAMPLES", "BENCH", "MUJOCO", "CUDA", "MPI"):
            toolchain.cache_variables[f"PIGRAD_{part}"] = "OFF"
        toolchain.cache_variables["PIGRAD_INSTALL"] = "ON"
        toolchain.cache_variables["PIGRAD_C"] = "ON" if self.options.with_c else "OFF"
        toolchain.cache_variables["PIGRAD_OPENMP"] = "ON" if self.options.with_openmp else "OFF"
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        # The package has a CMake configuration of its own: find_package(pigrad).
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(os.path.join("lib", "cmake", "pigrad"))
