# SPDX-License-Identifier: MIT
# cmake -DSOURCE=<directory> -DWORK=<directory> -P: the preset release with CMake's own generator,
# which is what it takes where none is named; it needs more to be known of compilers than Ninja's.
file(REMOVE_RECURSE ${WORK})
execute_process(COMMAND ${CMAKE_COMMAND} --preset release -B ${WORK} -G "Unix Makefiles"
                WORKING_DIRECTORY ${SOURCE} COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE ${WORK})
