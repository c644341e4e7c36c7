# SPDX-License-Identifier: MIT
# Everything comes from the distribution; tools/install-deps.sh installs it. Nothing is downloaded.

# As for find_package(modesweep REQUIRED).
set(CMAKE_FIND_PACKAGE_NAME modesweep)
set(modesweep_FIND_REQUIRED TRUE)
set(modesweep_FIND_COMPONENTS modesweep)
include(LinkDependencies)
if(DEFINED modesweep_FOUND AND NOT modesweep_FOUND)
  message(FATAL_ERROR "${modesweep_NOT_FOUND_MESSAGE}")
endif()
unset(CMAKE_FIND_PACKAGE_NAME)

# Headers of which no user of the libraries needs to know.
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
# What ships a CMake package has it ask for Boost, or none at all.
find_path(GEMMI_INCLUDE_DIR gemmi/version.hpp REQUIRED)
find_path(PEGTL_INCLUDE_DIR tao/pegtl.hpp REQUIRED)  # gemmi's CIF grammar
find_path(MSGPACK_INCLUDE_DIR msgpack.hpp REQUIRED)  # MessagePack for C++ (BSL-1.0), for BinaryCIF
