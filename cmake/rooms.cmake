# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# A room is a folder and a static library.  scripts/rooms says which others it
# may include; a library links those and no more.

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS scripts/rooms)
file(STRINGS scripts/rooms lattice_room_lines REGEX "^[a-z]+:")

# Set ${out} to the rooms that ${room} may look into.
function(lattice_room_table room out)
  foreach(line IN LISTS lattice_room_lines)
    if(line MATCHES "^${room}:([^|]*)")
      string(STRIP "${CMAKE_MATCH_1}" rooms)
      string(REGEX REPLACE " +" ";" rooms "${rooms}")
      set(${out} ${rooms} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "scripts/rooms has no line for '${room}'")
endfunction()

# Add the library of a room from its sources.  Headers are found by quotes only,
# so that none can stand in for a header of the system ("jack/…", <jack/…>).
function(lattice_room name)
  lattice_room_table(${name} below)
  add_library(lattice_${name} STATIC ${ARGN})
  target_compile_options(lattice_${name} PUBLIC
    "SHELL:-iquote ${PROJECT_SOURCE_DIR}/src"
    "SHELL:-iquote ${PROJECT_SOURCE_DIR}")
  list(TRANSFORM below PREPEND lattice_)
  target_link_libraries(lattice_${name} PUBLIC ${below})
endfunction()

# Add a program from its main file, and install it.
function(lattice_program name main_file)
  add_executable(${name} ${main_file})
  if(LATTICE_RT_GUARD)
    target_sources(${name} PRIVATE
                   ${PROJECT_SOURCE_DIR}/tests/rt_guard/rt_guard.c)
  endif()
  target_link_libraries(${name} PRIVATE lattice_cli)
  set_target_properties(${name} PROPERTIES
                        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
