# SPDX-License-Identifier: MIT
# cmake -DFOLDER=... -P: makes the libraries that were installed to a folder fit for a wheel. That
# holds no links, so that each library has one file, by the name that it is asked for; and the
# copyright files of the Debian packages that they are of come into FOLDER/copyright.
file(GLOB libraries ${FOLDER}/*.so*)
foreach(library IN LISTS libraries)
  if(IS_SYMLINK ${library})
    file(READ_SYMLINK ${library} target)
    file(RENAME ${FOLDER}/${target} ${library})
  endif()
endforeach()

file(MAKE_DIRECTORY ${FOLDER}/copyright)
file(GLOB libraries ${FOLDER}/*.so*)
foreach(library IN LISTS libraries)
  cmake_path(GET library FILENAME name)
  # By name alone: dpkg knows some by the paths that they had before /lib became a link.
  execute_process(COMMAND dpkg-query -S "*/${name}" OUTPUT_VARIABLE found ERROR_QUIET)
  if(found MATCHES "^([^:,]+)" AND EXISTS /usr/share/doc/${CMAKE_MATCH_1}/copyright)
    file(COPY_FILE /usr/share/doc/${CMAKE_MATCH_1}/copyright ${FOLDER}/copyright/${CMAKE_MATCH_1})
  endif()
endforeach()
