// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What waits for its time, without anything else: clocks and bundles come in as
// lines, and what becomes of each bundle goes out.  tests/cli/test_placement.py
// compares that with a model.
//
//   clock RUNNING FRAME TAG NOW_TAG STEADY_NS BREAKS RATE PERIOD
//   bundle NUMBER TAG      ->  now NUMBER FRAME, later NUMBER FRAME, never
//   NUMBER due LEAD               ->  due NUMBER FRAME, for each; FRAME 0: it
//   is late
//
// Both read the clock that came last.

#include "osc/timed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lat_osc_timed timed;
static struct lat_timeline_clock now;

static void
read_clock(const char *line)
{
    int is_running = 0;
    if (sscanf(line,
               "clock %d %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
               " %" SCNu64 " %" SCNu32 " %" SCNu32,
               &is_running, &now.frame, &now.tag, &now.now_tag, &now.steady_ns,
               &now.n_breaks, &now.rate, &now.period) != 8) {
        fprintf(stderr, "not a clock: %s", line);
        exit(1);
    }
    now.is_running = is_running;
}

static void
take_bundle(uint32_t number, uint64_t tag, uint64_t lead)
{
    static const char *const words[] = {
        [LAT_OSC_NOW] = "now",
        [LAT_OSC_LATER] = "later",
        [LAT_OSC_NEVER] = "never",
    };
    const struct lat_osc_peer peer = {.generation = number};
    struct lat_error error;
    uint64_t frame = 0;
    const enum lat_osc_when when =
        lat_osc_timed_arrive(&timed, &now, lead, &peer, &number, sizeof(number),
                             tag, &frame, &error);
    printf("%s %" PRIu32 " %" PRIu64 "\n", words[when], number, frame);
}

static void
take_due(uint64_t lead)
{
    struct lat_osc_scheduled *e = NULL;
    lat_osc_timed_look(&timed, &now);
    while ((e = lat_osc_timed_due(&timed, &now, lead))) {
        uint32_t number = 0;
        memcpy(&number, e->bytes, sizeof(number));
        printf("due %" PRIu32 " %" PRIu64 "\n", number, e->frame);
        free(e);
    }
}

int
main(void)
{
    char line[256];
    uint32_t number = 0;
    uint64_t tag = 0;
    uint64_t lead = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    lat_osc_timed_init(&timed);
    while (fgets(line, sizeof(line), stdin)) {
        if (sscanf(line, "bundle %" SCNu32 " %" SCNu64, &number, &tag) == 2) {
            take_bundle(number, tag, lead);
        } else if (sscanf(line, "due %" SCNu64, &lead) == 1) {
            take_due(lead);
        } else {
            read_clock(line);
        }
    }
    lat_osc_timed_fini(&timed);
    return 0;
}
