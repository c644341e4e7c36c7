# SPDX-License-Identifier: MIT
# Which devices the kernels are compiled for.

# modesweep_cuda_targets(<choice> <cards> <known> <variable>): a value of CMAKE_CUDA_ARCHITECTURES.
# `cards` is what CMake sees in this machine, such as 90-real, or empty; `known` is what nvcc
# --list-gpu-code prints. ALL is machine code for every device that is supported, and PTX of the last
# one, which the driver of a later one compiles. AUTO and ONE are code for the cards that are here;
# where there are none that nvcc knows, AUTO is ALL, and ONE what compiles quickest and runs anywhere.
function(modesweep_cuda_targets choice cards known variable)
  set(usable "")
  foreach(card IN LISTS cards)
    string(REGEX MATCH "^[0-9]+" number "${card}")
    if(number GREATER_EQUAL 75 AND known MATCHES "(^|\n)sm_${number}(\n|$)")
      list(APPEND usable ${card})
    endif()
  endforeach()
  if(NOT choice MATCHES "^(AUTO|ALL|ONE)$")
    message(FATAL_ERROR "MODESWEEP_CUDA_TARGETS is AUTO, ALL or ONE, not \"${choice}\"")
  elseif(usable AND NOT choice STREQUAL "ALL")
    set(${variable} ${usable} PARENT_SCOPE)
  elseif(choice STREQUAL "ONE")
    set(${variable} 75 PARENT_SCOPE)
  else()
    set(${variable} 75-real 80-real 86-real 89-real 90-real 100-real 120 PARENT_SCOPE)
  endif()
endfunction()
