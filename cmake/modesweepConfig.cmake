# SPDX-License-Identifier: MIT
include(${CMAKE_CURRENT_LIST_DIR}/Dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/modesweepTargets.cmake)
