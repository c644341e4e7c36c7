# SPDX-License-Identifier: MIT
# What a program is linked with besides the libraries of the project, and the headers that theirs
# include: the build finds it here, and the installed package finds it again for its users.
include(CMakeFindDependencyMacro)
find_dependency(tl-expected)
find_dependency(Threads)
find_dependency(TBB)
find_dependency(fmt)
find_dependency(pugixml)
find_dependency(LibLZMA)
find_dependency(BZip2)
find_dependency(PkgConfig)

pkg_check_modules(DEFLATE IMPORTED_TARGET libdeflate)
pkg_check_modules(ZSTD IMPORTED_TARGET libzstd)
# OpenBLAS itself, not whatever libblas.so points to: the solver holds it to one thread a worker.
pkg_check_modules(OPENBLAS IMPORTED_TARGET openblas)
foreach(module DEFLATE ZSTD OPENBLAS)
  if(NOT ${module}_FOUND)
    set(modesweep_FOUND FALSE)
    set(modesweep_NOT_FOUND_MESSAGE "modesweep is linked with libdeflate, libzstd and openblas")
    return()
  endif()
endforeach()

# AMD (BSD), approximate minimum degree, and METIS (Apache-2.0), nested dissection, for the
# elimination orders of the sparse solver.
foreach(name amd metis)
  find_library(MODESWEEP_${name}_LIBRARY ${name})
  mark_as_advanced(MODESWEEP_${name}_LIBRARY)
  if(NOT MODESWEEP_${name}_LIBRARY)
    set(modesweep_FOUND FALSE)
    set(modesweep_NOT_FOUND_MESSAGE "modesweep is linked with the library ${name}")
    return()
  endif()
  if(NOT TARGET modesweep::${name})
    add_library(modesweep::${name} UNKNOWN IMPORTED)
    set_target_properties(modesweep::${name} PROPERTIES
                          IMPORTED_LOCATION ${MODESWEEP_${name}_LIBRARY})
  endif()
endforeach()
# Headers alone before release 0.6.
find_library(MODESWEEP_gemmi_LIBRARY gemmi_cpp)
mark_as_advanced(MODESWEEP_gemmi_LIBRARY)
if(NOT TARGET modesweep::gemmi)
  if(MODESWEEP_gemmi_LIBRARY)
    find_dependency(ZLIB)
    add_library(modesweep::gemmi UNKNOWN IMPORTED)
    set_target_properties(modesweep::gemmi PROPERTIES
                          IMPORTED_LOCATION ${MODESWEEP_gemmi_LIBRARY}
                          INTERFACE_LINK_LIBRARIES ZLIB::ZLIB)
  else()
    add_library(modesweep::gemmi INTERFACE IMPORTED)
  endif()
endif()

# gemmi has a compiled part since its version 0.6; before it was headers alone.
find_library(modesweep_gemmi_library gemmi_cpp NO_CACHE)
if(NOT TARGET modesweep::gemmi)
  add_library(modesweep::gemmi INTERFACE IMPORTED)
  if(modesweep_gemmi_library)
    target_link_libraries(modesweep::gemmi INTERFACE ${modesweep_gemmi_library})
  endif()
endif()

if("modesweep" IN_LIST modesweep_FIND_COMPONENTS)
  find_dependency(CURL 7.85)
  find_dependency(SQLite3)
endif()
