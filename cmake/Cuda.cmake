# SPDX-License-Identifier: MIT
# MODESWEEP_CUDA=AUTO builds the CUDA part where nvcc is found; sets MODESWEEP_WITH_CUDA.
# CMAKE_CUDA_ARCHITECTURES chooses the devices; where it is not given, MODESWEEP_CUDA_TARGETS does.
set(MODESWEEP_CUDA_TARGETS AUTO CACHE STRING
    "Devices to compile the kernels for: AUTO (those of this machine, else all), ALL or ONE")
set_property(CACHE MODESWEEP_CUDA_TARGETS PROPERTY STRINGS AUTO ALL ONE)
include(CudaTargets)
include(CudaVersion)
set(MODESWEEP_WITH_CUDA OFF)
set(MODESWEEP_CUDA_REASON "switched off when this program was built")
if(NOT MODESWEEP_CUDA STREQUAL "OFF")
  find_program(MODESWEEP_NVCC nvcc HINTS ENV CUDACXX PATHS /usr/local/cuda/bin
               ENV CUDA_PATH PATH_SUFFIXES bin)
  modesweep_check_nvcc("${MODESWEEP_NVCC}" MODESWEEP_CUDA_REASON)
  if(MODESWEEP_CUDA_REASON STREQUAL "")
    if(NOT CMAKE_CUDA_COMPILER)
      set(CMAKE_CUDA_COMPILER ${MODESWEEP_NVCC})
    endif()
    if(NOT CMAKE_CUDA_ARCHITECTURES AND NOT "$ENV{CUDAARCHS}" STREQUAL "")
      set(CMAKE_CUDA_ARCHITECTURES "$ENV{CUDAARCHS}" CACHE STRING "CUDA architectures")
    endif()
    if(CMAKE_CUDA_ARCHITECTURES)
      enable_language(CUDA)
    else()
      # CMake sees the cards of this machine when it tries the compiler, for whatever target.
      set(CMAKE_CUDA_ARCHITECTURES 75)
      enable_language(CUDA)
      execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --list-gpu-code OUTPUT_VARIABLE known)
      modesweep_cuda_targets(${MODESWEEP_CUDA_TARGETS} "${CMAKE_CUDA_ARCHITECTURES_NATIVE}"
                             "${known}" CMAKE_CUDA_ARCHITECTURES)
    endif()
    # Also for programs that only link the kernels: older versions of CMake know no CUDA 20.
    set(CMAKE_CUDA_STANDARD 17)
    set(CMAKE_CUDA_STANDARD_REQUIRED ON)
    find_package(CUDAToolkit REQUIRED)
    set(MODESWEEP_WITH_CUDA ON)
  elseif(MODESWEEP_CUDA STREQUAL "ON")
    message(FATAL_ERROR "MODESWEEP_CUDA=ON, but ${MODESWEEP_CUDA_REASON}")
  endif()
endif()
message(STATUS "CUDA part: ${MODESWEEP_WITH_CUDA} ${MODESWEEP_CUDA_REASON}")
if(MODESWEEP_WITH_CUDA)
  message(STATUS "CUDA targets: ${CMAKE_CUDA_ARCHITECTURES}")
endif()

# The toolkit's headers are enough for the tests, which run the engine on the host.
find_path(MODESWEEP_CUDA_INCLUDE_DIR cusolverDn.h HINTS ${CUDAToolkit_INCLUDE_DIRS}
          PATHS /usr/local/cuda/include ENV CUDA_PATH PATH_SUFFIXES include)
mark_as_advanced(MODESWEEP_CUDA_INCLUDE_DIR)
