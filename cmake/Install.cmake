# SPDX-License-Identifier: MIT
# The program with its CUDA module, man pages, completions and the libraries of its reports, and the
# library as a CMake package: find_package(modesweep), modesweep::modesweep.
include(CMakePackageConfigHelpers)

set(MODESWEEP_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/modesweep)
modesweep_install_program(modesweep_program)
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
install(TARGETS modesweep EXPORT modesweepTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/modesweep ${PROJECT_BINARY_DIR}/include/modesweep
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# Where tools/install-deps.sh --report fetched them.
install(DIRECTORY build/report-libraries DESTINATION ${CMAKE_INSTALL_DATADIR}/modesweep OPTIONAL)
install(EXPORT modesweepTargets NAMESPACE modesweep:: DESTINATION ${MODESWEEP_PACKAGE_DIR})
# A static library is linked with what it was built on: the package finds the same things.
install(FILES cmake/Dependencies.cmake cmake/modesweepConfig.cmake
        DESTINATION ${MODESWEEP_PACKAGE_DIR})
write_basic_package_version_file(modesweepConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/modesweepConfigVersion.cmake
        DESTINATION ${MODESWEEP_PACKAGE_DIR})
