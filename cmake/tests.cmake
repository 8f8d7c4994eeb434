# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# tests/ROOM/test_*.c make lattice_tests, which runs anywhere; tests/jack/test_*.c
# make lattice_jack_tests, which needs a JACK server (scripts/test starts one).
# Criterion cannot start under ThreadSanitizer: there the same files are built
# against the small runner in tests/criterion_tsan/.

file(GLOB test_support CONFIGURE_DEPENDS tests/support/*.c)
file(GLOB unit_tests CONFIGURE_DEPENDS tests/*/test_*.c)
file(GLOB jack_tests CONFIGURE_DEPENDS tests/jack/test_*.c)
list(REMOVE_ITEM unit_tests ${jack_tests})

# An engine-only build can run only the tests that need no more than that.
if(NOT LATTICE_APP)
  set(jack_tests "")
  foreach(file IN LISTS unit_tests test_support)
    file(STRINGS ${file} outside REGEX "^#include [\"<](cli|nodes/disk|osc|process|sessions|test_osc|test_sessions|sndfile)[/.]")
    if(outside)
      list(REMOVE_ITEM unit_tests ${file})
      list(REMOVE_ITEM test_support ${file})
    endif()
  endforeach()
endif()

if(LATTICE_APP)
  set_source_files_properties( # they know of types that play files
    tests/nodes/test_conformance.c tests/nodes/test_knob_steps.c
    tests/nodes/test_nodes.c PROPERTIES COMPILE_DEFINITIONS LAT_SOUND_FILES=1)
endif()

# What scripts/same-bits compares between builds, and what is measured by hand.
add_executable(random_edits tests/bench/random_edits.c)
foreach(program bench_graph bench_kernels bench_scheduler)
  add_executable(${program} EXCLUDE_FROM_ALL tests/bench/${program}.c)
endforeach()
# Its addresses are those of the file.
target_link_options(bench_kernels PRIVATE -no-pie)
# It is the engine that takes the time.
target_compile_options(random_edits PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
foreach(program random_edits bench_graph bench_kernels bench_scheduler)
  target_link_libraries(${program} PRIVATE lattice_control)
  set_target_properties(${program} PROPERTIES
                        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endforeach()
if(LATTICE_APP)
  add_executable(bench_values EXCLUDE_FROM_ALL tests/bench/bench_values.c)
  target_link_libraries(bench_values PRIVATE lattice_process)
  set_target_properties(bench_values PROPERTIES
                        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endif()

add_library(lattice_test_runner INTERFACE)
if(LATTICE_SANITIZE MATCHES "thread")
  add_library(lattice_small_runner STATIC tests/criterion_tsan/runner.c)
  target_include_directories(lattice_small_runner SYSTEM BEFORE
                             PUBLIC tests/criterion_tsan)
  target_link_libraries(lattice_small_runner PUBLIC m)
  target_link_libraries(lattice_test_runner INTERFACE lattice_small_runner)
else()
  pkg_check_modules(CRITERION IMPORTED_TARGET criterion)
  if(NOT CRITERION_FOUND)
    message(STATUS "Criterion not found: no tests in this build")
    return()
  endif()
  target_link_libraries(lattice_test_runner INTERFACE PkgConfig::CRITERION)
endif()

# The rooms that unit tests look into.
set(LATTICE_TESTED lattice_control)
if(LATTICE_APP)
  set(LATTICE_TESTED lattice_cli)
endif()

# How tests are compiled and what they see.  They find checked-in data under
# LAT_SOURCE_DIR and the built programs under LAT_BUILD_DIR.
add_library(lattice_test_flags INTERFACE)
# Nobody waits for what a test does by itself, but all for its compilation.
target_compile_options(lattice_test_flags INTERFACE
  "SHELL:-iquote ${PROJECT_SOURCE_DIR}/tests" $<$<CONFIG:RelWithDebInfo>:-O0>)
target_compile_definitions(lattice_test_flags INTERFACE
                           LAT_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                           LAT_BUILD_DIR="${PROJECT_BINARY_DIR}")
if(LATTICE_RT_GUARD)
  target_compile_definitions(lattice_test_flags INTERFACE LAT_RT_GUARD=1)
endif()
# Memory can be made to run out: tests/support/failing.h.
foreach(function malloc calloc realloc aligned_alloc free)
  target_link_options(lattice_test_flags INTERFACE -Wl,--wrap=${function})
endforeach()
target_link_libraries(lattice_test_flags INTERFACE
                      ${LATTICE_TESTED} lattice_test_runner)

add_library(lattice_test_support OBJECT ${test_support})
target_link_libraries(lattice_test_support PRIVATE lattice_test_flags)

# Add a test program from the given sources.
function(lattice_test_program name)
  add_executable(${name} ${ARGN} $<TARGET_OBJECTS:lattice_test_support>)
  if(LATTICE_RT_GUARD)
    target_sources(${name} PRIVATE tests/rt_guard/rt_guard.c)
  endif()
  target_link_libraries(${name} PRIVATE lattice_test_flags)
endfunction()

if(unit_tests)
  lattice_test_program(lattice_tests ${unit_tests})
  if(LATTICE_APP)
    target_link_libraries(lattice_tests PRIVATE PkgConfig::SNDFILE)
  endif()
  add_test(NAME lattice_tests COMMAND lattice_tests)
  # Tests may start the programs they are about.
  foreach(program lattice lattice-node)
    if(TARGET ${program})
      add_dependencies(lattice_tests ${program})
    endif()
  endforeach()
endif()

if(LATTICE_APP)
  add_executable(place_bundles tests/osc/tools/place_bundles.c)
  target_link_libraries(place_bundles PRIVATE lattice_osc)
endif()

if(jack_tests)
  lattice_test_program(lattice_jack_tests ${jack_tests})
  target_link_libraries(lattice_jack_tests PRIVATE lattice_cli)
endif()
