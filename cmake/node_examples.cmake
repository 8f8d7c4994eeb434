# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The sessions of sessions/nodes/, one a node type, as a table of the program:
# `lattice nodes --markdown` quotes them.

file(GLOB node_examples CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/sessions/nodes/*.ini)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${node_examples})
set(NODE_EXAMPLES "")
foreach(file IN LISTS node_examples)
  get_filename_component(type ${file} NAME_WE)
  file(READ ${file} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
  string(APPEND NODE_EXAMPLES "    {\"${type}\",\n     \"${text}\"},\n")
endforeach()
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/node_examples.c.in
               ${CMAKE_CURRENT_BINARY_DIR}/node_examples.c @ONLY)
