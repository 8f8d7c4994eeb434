// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "plan.h"

void
lat_plan_print_text(const struct lat_plan *plan, FILE *out)
{
    fprintf(out, "nodes %u, cables %u, batches %u, block %u\n", plan->n_nodes,
            plan->n_cables, plan->n_batches, plan->block);
    fprintf(out,
            "buffers: %u allocated, %u at the peak, %llu gets, "
            "%.0f %% reused; compiled in %u us\n",
            plan->counters.allocations, plan->counters.peak,
            (unsigned long long)plan->counters.gets,
            100.0 * plan->counters.reuse, plan->compile_us);
    for (uint32_t b = 0; b < plan->n_batches; ++b) {
        fprintf(out, "batch %u:", b);
        for (uint32_t i = plan->batch_starts[b]; i < plan->batch_starts[b + 1];
             ++i) {
            fprintf(out, " %s", plan->nodes[i].inst->name);
        }
        fprintf(out, "\n");
    }
}
