# SPDX-License-Identifier: MIT
# Whether a CUDA compiler is new enough.
set(MODESWEEP_CUDA_LEAST 12.8)  # the first that knows compute capability 10.0 and 12.0

# modesweep_check_nvcc(<path> <variable>): empties the variable where this compiler will do, else
# says in it why not. The path may be that of a find_program that found nothing.
function(modesweep_check_nvcc nvcc reason)
  set(${reason} "no CUDA toolkit was found when this program was built" PARENT_SCOPE)
  if(NOT nvcc)
    return()
  endif()
  execute_process(COMMAND ${nvcc} --version OUTPUT_VARIABLE words RESULT_VARIABLE result
                  ERROR_QUIET)
  if(NOT result EQUAL 0 OR NOT words MATCHES "release ([0-9]+\\.[0-9]+)")
    set(${reason} "${nvcc} did not tell its version when this program was built" PARENT_SCOPE)
  elseif(CMAKE_MATCH_1 VERSION_LESS MODESWEEP_CUDA_LEAST)
    set(${reason} "CUDA ${CMAKE_MATCH_1} was found when this program was built, and \
${MODESWEEP_CUDA_LEAST} or newer is needed" PARENT_SCOPE)
  else()
    set(${reason} "" PARENT_SCOPE)
  endif()
endfunction()
