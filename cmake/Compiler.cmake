# SPDX-License-Identifier: MIT
# Warnings and sanitizers, in one place for every target.
set(MODESWEEP_SANITIZE "" CACHE STRING "Sanitizers for the whole build, as -fsanitize= takes them")
if(MODESWEEP_SANITIZE)
  add_compile_options(-fsanitize=${MODESWEEP_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MODESWEEP_SANITIZE})
endif()

# g++ 12 warns of overlapping copies inside its own std::string (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()

function(modesweep_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wno-sign-conversion)
endfunction()
