# SPDX-License-Identifier: MIT
# Everything comes from the distribution; tools/install-deps.sh installs it. Nothing is downloaded.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(pugixml REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_package(LibLZMA REQUIRED)
find_package(BZip2 REQUIRED)

# Header-only; what ships a CMake package has it ask for Boost, or none at all.
find_path(GEMMI_INCLUDE_DIR gemmi/version.hpp REQUIRED)
find_path(PEGTL_INCLUDE_DIR tao/pegtl.hpp REQUIRED)  # gemmi's CIF grammar
find_path(MSGPACK_INCLUDE_DIR msgpack.hpp REQUIRED)  # MessagePack for C++ (BSL-1.0), for BinaryCIF
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
find_path(EXPECTED_INCLUDE_DIR tl/expected.hpp REQUIRED)

# OpenBLAS itself, not whatever libblas.so points to: the solver holds it to one thread a worker.
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)

# AMD (BSD): approximate minimum degree, for the sparse solver's elimination order.
find_library(AMD_LIBRARY amd REQUIRED)

# METIS (Apache-2.0): nested dissection, for the elimination order of large networks.
find_library(METIS_LIBRARY metis REQUIRED)
