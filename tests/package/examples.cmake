# SPDX-License-Identifier: MIT
# What the projects beside it build with the libraries.

# modesweep_examples(<library> <name>...): programs of examples/, linked with it.
function(modesweep_examples library)
  foreach(name IN LISTS ARGN)
    add_executable(${name} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../examples/${name}.cpp)
    target_link_libraries(${name} PRIVATE ${library})
  endforeach()
endfunction()

# modesweep_whole_library(<library>): all of its objects as a module, for which they have to be
# position-independent, and to lack nothing that they are not linked with. Of sanitized objects
# some is in the program.
function(modesweep_whole_library library)
  add_library(whole_library MODULE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/whole_library.cpp)
  target_link_libraries(whole_library PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,${library}>)
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    target_link_options(whole_library PRIVATE -Wl,-z,defs)
  endif()
endfunction()
