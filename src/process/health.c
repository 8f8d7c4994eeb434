// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "health.h"
#include "base/log.h"
#include "base/process_page.h"
#include "life.h"

#define STALL_NS     (500 * MS_NS)
#define DEAF_NS      (900 * MS_NS) // its control thread does nothing
#define LONG_TICK_NS (200 * MS_NS) // we were held up ourselves
#define WEIGH_NS     (200 * MS_NS)
#define STARVED_NS   (3000 * MS_NS) // it may only get no time

/// Has the server called for half a second without it?  Its cycles count, not
/// the time: one that stands still, or is slow, calls nobody.
static bool
is_left_behind(const struct process *p, const struct lat_jack_status *j,
               uint64_t now_ns)
{
    const double period_ns =
        j->rate ? 1e9 * (double)j->period / (double)j->rate : 0.0;
    const uint64_t n = j->n_cycles - p->jack_cycles;
    return passed(now_ns, p->cycles_ns) > STALL_NS && n >= 3 &&
           (double)n * period_ns >= (double)STALL_NS;
}

/// Is it lost in a period, for which the server may be waiting?  On a machine
/// that gives it no time it is not: it has to have used some.
static bool
is_lost_in_period(struct process *p, uint64_t now_ns)
{
    const uint64_t began_ns = atomic_load(&p->child.page->began_ns);
    if (!began_ns) {
        return false;
    }
    const uint64_t cpu_ns = lat_child_cpu_ns(&p->child);
    if (began_ns != p->began_ns) {
        p->began_ns = began_ns;
        p->began_cpu_ns = cpu_ns;
    }
    const uint64_t age_ns = passed(now_ns, began_ns);
    return age_ns > STARVED_NS ||
           (age_ns > STALL_NS && cpu_ns - p->began_cpu_ns > STALL_NS / 2);
}

/// Does its control thread do nothing although it could?  One that waits for a
/// processor cannot, however long; one that runs and runs is lost.
static bool
is_deaf(struct process *p, uint64_t now_ns)
{
    uint64_t cpu_ns = 0;
    if (passed(now_ns, p->beats_ns) <= DEAF_NS) {
        p->is_starved = false;
        return false;
    }
    if (!lat_child_is_runnable(&p->child, &cpu_ns)) {
        return true;
    }
    if (!p->is_starved) {
        p->is_starved = true;
        p->starved_cpu = cpu_ns;
    }
    return cpu_ns - p->starved_cpu > DEAF_NS / 2;
}

void
lat_process_watch(struct lat_processes *s, struct process *p,
                  const struct lat_jack_status *j, uint64_t now_ns)
{
    const struct lat_process_page *page = p->child.page;
    const uint64_t n_cycles = atomic_load(&page->n_cycles);
    if (n_cycles != p->n_cycles || !j->is_ready || j->is_freewheeling ||
        j->n_cycles < p->jack_cycles) { // another life of ours
        p->jack_cycles = j->n_cycles;
        p->n_cycles = n_cycles;
        p->cycles_ns = now_ns;
    }
    const uint64_t n_beats = atomic_load(&page->n_beats);
    if (n_beats != p->n_beats || passed(now_ns, s->tick_ns) > LONG_TICK_NS) {
        p->n_beats = n_beats;
        p->beats_ns = now_ns;
    }
    const uint64_t n_faults = atomic_load(&page->n_faults);
    if (n_faults != p->n_faults) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "node %s made samples that are no numbers in its "
                        "process; it was silenced and started anew there",
                        p->name);
        p->n_faults = n_faults;
    }
    if (is_left_behind(p, j, now_ns) || is_lost_in_period(p, now_ns)) {
        lat_process_put_down(s, p, "its process stands still");
    } else if (is_deaf(p, now_ns)) {
        lat_process_put_down(s, p, "its process listens no more");
    } else if (passed(now_ns, p->weighed_ns) > WEIGH_NS) {
        p->weighed_ns = now_ns;
        if (lat_child_memory_mib(&p->child) > s->options.memory_mib) {
            lat_process_put_down(s, p, "its process took too much memory");
        }
    }
}
