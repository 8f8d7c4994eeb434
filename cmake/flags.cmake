# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# How every file is compiled.  The same inputs must give the same bits from any
# compiler and instruction set: no contraction to FMA, never -ffast-math.
add_compile_options(-ffp-contract=off -fno-math-errno)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion
                    -Wstrict-prototypes -Wvla -Wdouble-promotion)
# Of the debug information, what a backtrace and a profile need; the preset debug
# has all.
add_compile_options($<$<CONFIG:RelWithDebInfo>:-g1>)
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wreserved-identifier)
endif()
if(LATTICE_WERROR)
  add_compile_options(-Werror)
endif()

add_compile_definitions(_GNU_SOURCE LAT_VERSION="${PROJECT_VERSION}")
if(LATTICE_TEST_HOOKS)
  add_compile_definitions(LAT_TEST_HOOKS=1)
  if(LATTICE_APP) # there is libsndfile
    add_compile_definitions(LAT_TEST_SOUND=1)
  endif()
endif()

if(LATTICE_SANITIZE)
  add_compile_options(-O1 -g1 -fno-omit-frame-pointer
                      -fsanitize=${LATTICE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LATTICE_SANITIZE})
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # GCC documents false alarms of this one under sanitizers.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()

if(LATTICE_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "LATTICE_FUZZ needs clang: use the preset 'fuzz'")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
