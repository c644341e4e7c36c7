# SPDX-License-Identifier: MIT
# cmake -P: what modesweep_cuda_targets chooses on machines with and without cards.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/CudaTargets.cmake)
set(known "sm_52\nsm_75\nsm_80\nsm_86\nsm_90\nsm_120\n")

function(expect choice cards wanted)
  modesweep_cuda_targets(${choice} "${cards}" "${known}" targets)
  if(NOT targets STREQUAL wanted)
    message(SEND_ERROR "${choice} with \"${cards}\": \"${targets}\" instead of \"${wanted}\"")
  endif()
endfunction()

set(all "75-real;80-real;86-real;89-real;90-real;100-real;120")
expect(ALL "" "${all}")
expect(ALL "90-real" "${all}")
expect(AUTO "" "${all}")
expect(AUTO "90-real" "90-real")
expect(AUTO "75-real;120-real" "75-real;120-real")
expect(ONE "" "75")
expect(ONE "86-real" "86-real")
# Cards of before compute capability 7.5, and those that the compiler does not know, are none.
expect(AUTO "52-real" "${all}")
expect(ONE "52-real" "75")
expect(AUTO "52-real;80-real" "80-real")
expect(AUTO "130-real" "${all}")
expect(AUTO "12-real" "${all}")
