# SPDX-License-Identifier: MIT
# Warnings and sanitizers, in one place for every target.
set(MODESWEEP_SANITIZE "" CACHE STRING "Sanitizers for the whole build, as -fsanitize= takes them")
if(MODESWEEP_SANITIZE)
  add_compile_options(-fsanitize=${MODESWEEP_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MODESWEEP_SANITIZE})
endif()

function(modesweep_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wno-sign-conversion)
endfunction()
