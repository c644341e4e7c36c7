# SPDX-License-Identifier: MIT
install(TARGETS modesweep EXPORT modesweepTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/modesweep DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
