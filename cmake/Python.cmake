# SPDX-License-Identifier: MIT
# MODESWEEP_PYTHON=AUTO builds the Python package where pybind11, and Python's headers of the same
# interpreter, are found; sets MODESWEEP_WITH_PYTHON.
set(MODESWEEP_PYTHON ${python_choice} CACHE STRING "Build the Python package: AUTO, ON or OFF")
set_property(CACHE MODESWEEP_PYTHON PROPERTY STRINGS AUTO ON OFF)
if(IS_ABSOLUTE "${MODESWEEP_PYTHON}")
  # Build folders of before keep the interpreter of the tests under this name.
  set(MODESWEEP_PYTHON AUTO CACHE STRING "Build the Python package: AUTO, ON or OFF" FORCE)
endif()

set(MODESWEEP_WITH_PYTHON OFF)
set(reason "switched off")
if(MODESWEEP_PYTHON AND MODESWEEP_SANITIZE AND MODESWEEP_PYTHON STREQUAL "AUTO")
  set(reason "an interpreter without the sanitizers' runtimes cannot load it")
elseif(MODESWEEP_PYTHON)
  # Debian's, whose packages of numpy and ProDy the users of a system's module have.
  if(NOT Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
    set(Python3_EXECUTABLE /usr/bin/python3)
  endif()
  find_package(Python3 COMPONENTS Interpreter Development.Module)
  # pybind11 asks by the name without the number.
  set(Python_EXECUTABLE ${Python3_EXECUTABLE})
  find_package(pybind11 2.10 CONFIG)
  if(Python3_Development.Module_FOUND AND pybind11_FOUND)
    set(MODESWEEP_WITH_PYTHON ON)
    set(reason "for ${Python3_EXECUTABLE}, ${Python3_VERSION}, with pybind11 ${pybind11_VERSION}")
  elseif(NOT Python3_Development.Module_FOUND)
    set(reason "Python's headers are not here (Debian: python3-dev)")
  else()
    set(reason "pybind11 2.10 or newer is not here (Debian: pybind11-dev)")
  endif()
  if(NOT MODESWEEP_WITH_PYTHON AND NOT MODESWEEP_PYTHON STREQUAL "AUTO")
    message(FATAL_ERROR "MODESWEEP_PYTHON=${MODESWEEP_PYTHON}, but ${reason}")
  endif()
endif()
message(STATUS "Python package: ${MODESWEEP_WITH_PYTHON}, ${reason}")
