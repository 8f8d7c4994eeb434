# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Which file belongs to which target, and with which flags.  A folder may still
# be empty: its target is then left out.

# Set ${out} to the files of src/ whose names match LATTICE_APP_PATTERNS.
function(lattice_src_app_files out)
  set(found "")
  foreach(pattern IN LISTS LATTICE_APP_PATTERNS)
    file(GLOB files CONFIGURE_DEPENDS src/${pattern})
    list(APPEND found ${files})
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# Set ${out} to the sources of the engine and of all node types.
function(lattice_engine_sources out)
  file(GLOB sources CONFIGURE_DEPENDS
       src/*.c nodes/*.c nodes/pattern/*.c nodes/dsp/*.c)
  lattice_src_app_files(app_files)
  list(REMOVE_ITEM sources ${app_files})
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    list(FILTER sources EXCLUDE REGEX "/nodes/dsp/kernels_avx[^/]*\\.c$")
  endif()
  if(NOT LATTICE_TEST_HOOKS)
    list(FILTER sources EXCLUDE REGEX "/nodes/faulty\\.c$")
  endif()
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# Set ${out} to the sources of the programs, those with a main() left out.
function(lattice_app_sources out)
  lattice_src_app_files(files)
  list(FILTER files EXCLUDE REGEX "/src/(main|node_main)\\.c$")
  set(${out} ${files} PARENT_SCOPE)
endfunction()

# Add a static library of the project from the given sources.
function(lattice_library name)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src
                                            ${PROJECT_SOURCE_DIR})
endfunction()

# Add a program from its main file, if that file is there, and install it.
function(lattice_program name main_file)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${main_file} OR NOT TARGET lattice_app)
    return()
  endif()
  add_executable(${name} ${main_file})
  if(LATTICE_RT_GUARD)
    target_sources(${name} PRIVATE tests/rt_guard/rt_guard.c)
  endif()
  target_link_libraries(${name} PRIVATE lattice_app)
  install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# The DSP inner loops are worth -O3 where anything is optimised.  A kernel file
# is compiled once per instruction set; kernels_base.c takes the baseline of the
# architecture (x86-64, or arm64 with NEON).
file(GLOB dsp_sources CONFIGURE_DEPENDS nodes/dsp/*.c)
set_property(SOURCE ${dsp_sources} APPEND PROPERTY
             COMPILE_OPTIONS $<$<CONFIG:Release,RelWithDebInfo>:-O3>)
set_property(SOURCE nodes/dsp/kernels_avx2.c APPEND PROPERTY
             COMPILE_OPTIONS -mavx2)
set_property(SOURCE nodes/dsp/kernels_avx512.c APPEND PROPERTY
             COMPILE_OPTIONS -mavx512f -mavx512dq -mavx512bw -mavx512vl
                             -mprefer-vector-width=512)
