# SPDX-License-Identifier: MIT
# MODESWEEP_CUDA=AUTO builds the CUDA part where nvcc is found; sets MODESWEEP_WITH_CUDA.
option(MODESWEEP_CUDA_RELEASE "Compile the kernels for every supported device" OFF)
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
    if(NOT CMAKE_CUDA_ARCHITECTURES)
      if(MODESWEEP_CUDA_RELEASE)
        set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90-real 100-real 120)
      else()
        # Code for one, and PTX that the driver of any later device compiles.
        set(CMAKE_CUDA_ARCHITECTURES 75)
      endif()
    endif()
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(MODESWEEP_WITH_CUDA ON)
  elseif(MODESWEEP_CUDA STREQUAL "ON")
    message(FATAL_ERROR "MODESWEEP_CUDA=ON, but ${MODESWEEP_CUDA_REASON}")
  endif()
endif()
message(STATUS "CUDA part: ${MODESWEEP_WITH_CUDA} ${MODESWEEP_CUDA_REASON}")

# The toolkit's headers are enough for the tests, which run the engine on the host.
find_path(MODESWEEP_CUDA_INCLUDE_DIR cusolverDn.h HINTS ${CUDAToolkit_INCLUDE_DIRS}
          PATHS /usr/local/cuda/include ENV CUDA_PATH PATH_SUFFIXES include)
mark_as_advanced(MODESWEEP_CUDA_INCLUDE_DIR)
