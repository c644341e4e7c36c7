# SPDX-License-Identifier: MIT
# cmake -DWORK=<directory> -P: which devices a build folder is configured for, on this machine
# without cards and with one that CMake believes to have seen.
file(REMOVE_RECURSE ${WORK})

function(expect wanted)  # and arguments of cmake
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/cuda_project -B ${WORK}
                          ${ARGN}
                  OUTPUT_VARIABLE out COMMAND_ERROR_IS_FATAL ANY)
  if(NOT out MATCHES "CUDA targets: ([^\n]*)" OR NOT CMAKE_MATCH_1 STREQUAL wanted)
    message(SEND_ERROR "\"${ARGN}\": \"${CMAKE_MATCH_1}\" instead of \"${wanted}\"")
  endif()
endfunction()

# pretend_card(<architectures>): in what CMake keeps of the machine.
function(pretend_card architectures)
  file(GLOB file ${WORK}/CMakeFiles/*/CMakeCUDACompiler.cmake)
  file(READ ${file} text)
  string(REGEX REPLACE "(CMAKE_CUDA_ARCHITECTURES_NATIVE) \"[^\"]*\"" "\\1 \"${architectures}\""
         text "${text}")
  file(WRITE ${file} "${text}")
endfunction()

unset(ENV{CUDAARCHS})
set(all "75-real;80-real;86-real;89-real;90-real;100-real;120")
expect("${all}" -DMODESWEEP_CUDA_TARGETS=ALL)
pretend_card("")
expect("${all}" -DMODESWEEP_CUDA_TARGETS=AUTO)
expect(75 -DMODESWEEP_CUDA_TARGETS=ONE)
pretend_card("90-real")
expect("90-real")
expect("90-real" -DMODESWEEP_CUDA_TARGETS=AUTO)
expect("${all}" -DMODESWEEP_CUDA_TARGETS=ALL)
# What the user says has the last word, and is kept.
set(ENV{CUDAARCHS} 86)
expect(86)
unset(ENV{CUDAARCHS})
expect(86)
expect("80;89-real" "-DCMAKE_CUDA_ARCHITECTURES=80\;89-real")
file(REMOVE_RECURSE ${WORK})
