// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which processors this process may use, and which of them are cores.
/// All functions are [any but audio].
#ifndef LAT_BASE_CPU_H
#define LAT_BASE_CPU_H

#include "status.h"

#include <stdint.h>

#define LAT_MAX_CPUS 1024

struct lat_cpus {
    uint32_t n;                 ///< allowed processors
    uint32_t n_cores;           ///< of those, first threads of their cores
    uint16_t cpu[LAT_MAX_CPUS]; ///< cores first, then their siblings
};

/// The allowed mask of this process, not the machine; siblings by sysfs.
void
lat_cpus_allowed(struct lat_cpus *out);

/// Read "0,2-5": distinct allowed processors.
enum lat_status
lat_cpus_parse(const char *text, struct lat_cpus *out, struct lat_error *error);

/// Pin the calling thread to one processor.  @return LAT_OK or LAT_ESYSTEM.
enum lat_status
lat_cpu_pin_self(uint32_t cpu);

#endif // LAT_BASE_CPU_H
