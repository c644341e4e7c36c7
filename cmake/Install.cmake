# SPDX-License-Identifier: MIT
# The program with its CUDA module, man pages, completions and the libraries of its reports, and the
# libraries as a CMake package: find_package(modesweep), modesweep::core, modesweep::modesweep.
include(CMakePackageConfigHelpers)

set(MODESWEEP_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/modesweep)
modesweep_install_program(modesweep_program)
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
# Where tools/install-deps.sh --report fetched them.
install(DIRECTORY build/report-libraries DESTINATION ${CMAKE_INSTALL_DATADIR}/modesweep OPTIONAL)

# Two sets, so that a user of the core needs nothing of what the rest is linked with.
set_target_properties(modesweep_core PROPERTIES EXPORT_NAME core)
install(TARGETS modesweep_core EXPORT coreTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS modesweep EXPORT modesweepTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/modesweep ${PROJECT_BINARY_DIR}/include/modesweep
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(component core modesweep)
  install(EXPORT ${component}Targets NAMESPACE modesweep:: DESTINATION ${MODESWEEP_PACKAGE_DIR})
endforeach()
install(FILES cmake/LinkDependencies.cmake cmake/modesweepConfig.cmake
        DESTINATION ${MODESWEEP_PACKAGE_DIR})
write_basic_package_version_file(modesweepConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/modesweepConfigVersion.cmake
        DESTINATION ${MODESWEEP_PACKAGE_DIR})
