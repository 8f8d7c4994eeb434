// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node that does on command what no node should: for tests of what becomes of
// the others.  It is in test builds only.

#include "ports.h"
#include "types.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAK_BYTES ((size_t)64 << 20U)

enum { IN, CRASH, STALL, LEAK, BAD, N_INPUTS };

#define TRIGGER_(name_, doc_)                                                  \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = "", .kind = LAT_PORT_TRIGGER,        \
  .max = 1.0F, .high = 1.0F                                                    \
 }

static const struct lat_port faulty_inputs[] = {
    [IN] = LAT_PORT_AUDIO("in", 0.0F, "Passed on."),
    [CRASH] = TRIGGER_("crash", "Die at once."),
    [STALL] = TRIGGER_("stall", "Never return."),
    [LEAK] = TRIGGER_("leak", "Take 64 MiB and keep them."),
    [BAD] = TRIGGER_("bad", "Make a NaN."),
};

static const struct lat_port faulty_outputs[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The input."),
};

enum { SETTING_FILE, SETTING_LATENCY };

static const struct lat_setting faulty_settings[] = {
    [SETTING_FILE] =
        {
            .name = "file",
            .doc = "Stands for a sound file; nobody reads it.",
            .unit = "",
            .kind = LAT_SETTING_FILE,
            .initial_text = "",
        },
    [SETTING_LATENCY] =
        {
            .name = "latency",
            .doc = "What it says that it delays, and does not.",
            .unit = "frames",
            .kind = LAT_SETTING_INTEGER,
            .max = 100000.0,
            .keeps_state = true,
        },
};

static bool
is_told(const struct lat_io *io, uint32_t i, uint32_t n)
{
    for (uint32_t f = 0; f < n; f++) {
        if (lat_io_at(io, i, f) > 0.0F) {
            return true;
        }
    }
    return false;
}

static void
leak(void)
{
    // What guards audio threads is not what is tested here.
    const enum lat_role role = lat_thread_role;
    lat_thread_role = LAT_ROLE_NONE;
    char *memory = malloc(LEAK_BYTES);
    if (!memory) {
        abort();
    }
    memset(memory, 1, LEAK_BYTES);
    *(char *volatile *)&memory = NULL;
    lat_thread_role = role;
}

LAT_RT static uint64_t
faulty_process(const struct lat_context *context, const struct lat_io *io)
{
    const uint32_t n = context->n_frames;
    for (uint32_t f = 0; f < n; f++) {
        io->out[0][f] = lat_io_at(io, IN, f);
    }
    if (is_told(io, CRASH, n)) {
        __builtin_trap();
    }
    if (is_told(io, STALL, n)) {
        for (;;) {
            __asm__ __volatile__("");
        }
    }
    if (is_told(io, LEAK, n)) {
        leak();
    }
    if (is_told(io, BAD, n)) {
        io->out[0][0] = NAN;
    }
    return 0;
}

static uint32_t
faulty_latency(const struct lat_config *config)
{
    return (uint32_t)config->settings[SETTING_LATENCY].number;
}

const struct lat_node_type lat_type_faulty = {
    .name = "faulty",
    .doc = "Does what no node should, on command; in test builds only.",
    LAT_INPUTS(faulty_inputs),
    LAT_OUTPUTS(faulty_outputs),
    LAT_SETTINGS(faulty_settings),
    .cost_ns = 1.0F,
    .process = faulty_process,
    .latency = faulty_latency,
};
