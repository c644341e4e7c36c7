# SPDX-License-Identifier: MIT
# find_package(modesweep [COMPONENTS core|modesweep]): modesweep::core, and unless that alone is
# asked for modesweep::modesweep, with what they are linked with.
if(NOT modesweep_FIND_COMPONENTS)
  set(modesweep_FIND_COMPONENTS modesweep)
endif()
foreach(component IN LISTS modesweep_FIND_COMPONENTS)
  if(NOT component MATCHES "^(core|modesweep)$")
    set(modesweep_FOUND FALSE)
    set(modesweep_NOT_FOUND_MESSAGE "modesweep has no component ${component}")
    return()
  endif()
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/LinkDependencies.cmake)
if(DEFINED modesweep_FOUND AND NOT modesweep_FOUND)
  return()
endif()
foreach(component core ${modesweep_FIND_COMPONENTS})
  include(${CMAKE_CURRENT_LIST_DIR}/${component}Targets.cmake)
  set(modesweep_${component}_FOUND TRUE)
endforeach()
