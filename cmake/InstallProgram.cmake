# SPDX-License-Identifier: MIT
# Where the program and its CUDA module are installed, and where the program looks for what belongs to
# it. CMAKE_INSTALL_LIBDIR is lib/x86_64-linux-gnu for the prefix /usr on Debian, lib64 elsewhere.

# modesweep_installed_folder(<variable> <folder>): a folder of the installation as a path from that
# of the program, so that the prefix may be any; an absolute one where it was asked for so.
function(modesweep_installed_folder variable folder)
  cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE result)
  if(NOT IS_ABSOLUTE "${folder}" AND NOT IS_ABSOLUTE "${CMAKE_INSTALL_BINDIR}")
    file(RELATIVE_PATH result ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR} ${result})
  endif()
  set(${variable} ${result} PARENT_SCOPE)
endfunction()

# modesweep_build_config(<file>): writes build_config.hpp.
function(modesweep_build_config file)
  modesweep_installed_folder(MODESWEEP_MODULE_FOLDER ${CMAKE_INSTALL_LIBDIR}/modesweep)
  modesweep_installed_folder(MODESWEEP_DATA_FOLDER ${CMAKE_INSTALL_DATADIR}/modesweep)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/build_config.hpp.in ${file} @ONLY)
endfunction()

# modesweep_install_program(<program> [<argument>...]): with the module where that is built. The
# arguments are added to those of install().
function(modesweep_install_program program)
  install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ${ARGN})
  if(TARGET modesweep_cuda)
    install(TARGETS modesweep_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/modesweep ${ARGN})
  endif()
endfunction()
