# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Each tests/fuzz/fuzz_*.c is a libFuzzer program of that name.
file(GLOB fuzz_targets CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
foreach(file IN LISTS fuzz_targets)
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} ${file})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src
                                             ${PROJECT_SOURCE_DIR})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE
                        $<TARGET_NAME_IF_EXISTS:lattice_osc>
                        $<TARGET_NAME_IF_EXISTS:lattice_sessions>
                        $<TARGET_NAME_IF_EXISTS:lattice_engine>)
endforeach()
