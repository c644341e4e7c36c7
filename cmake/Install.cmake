# SPDX-License-Identifier: MIT
install(TARGETS modesweep EXPORT modesweepTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/modesweep ${PROJECT_BINARY_DIR}/include/modesweep
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS modesweep_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
