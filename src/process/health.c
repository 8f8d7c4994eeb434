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

void
lat_process_watch(struct lat_processes *s, struct process *p,
                  const struct lat_jack_status *j, uint64_t now_ns)
{
    const struct lat_process_page *page = p->child.page;
    const uint64_t n_cycles = atomic_load(&page->n_cycles);
    const uint64_t began_ns = atomic_load(&page->began_ns);
    if (n_cycles != p->n_cycles || !j->is_ready || j->is_freewheeling ||
        j->n_cycles - p->jack_cycles < 3) {
        if (n_cycles != p->n_cycles) {
            p->jack_cycles = j->n_cycles;
        }
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
    if (passed(now_ns, p->cycles_ns) > STALL_NS ||
        (began_ns && passed(now_ns, began_ns) > STALL_NS)) {
        lat_process_put_down(s, p, "its process stands still");
    } else if (passed(now_ns, p->beats_ns) > DEAF_NS) {
        lat_process_put_down(s, p, "its process listens no more");
    } else if (passed(now_ns, p->weighed_ns) > WEIGH_NS) {
        p->weighed_ns = now_ns;
        if (lat_child_memory_mib(&p->child) > s->options.memory_mib) {
            lat_process_put_down(s, p, "its process took too much memory");
        }
    }
}
