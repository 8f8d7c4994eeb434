# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Each tests/fuzz/fuzz_*.c is a libFuzzer program of that name.
file(GLOB fuzz_targets CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
foreach(file IN LISTS fuzz_targets)
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} ${file})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE lattice_osc)
endforeach()
