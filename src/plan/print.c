// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "plan.h"

#include "base/text.h"

void
lat_plan_print_text(const struct lat_plan *plan, const struct lat_graph *g,
                    FILE *out)
{
    (void)g;
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

static void
print_cable(const struct lat_cable *c, const char *format, FILE *out)
{
    char amount[32];
    lat_format_float(c->amount, amount, sizeof(amount));
    fprintf(out, format, c->src->name, c->src->layout->out[c->src_port].name,
            c->dst->name, c->dst->layout->in[c->dst_port].name, amount);
}

void
lat_plan_print_dot(const struct lat_plan *plan, const struct lat_graph *g,
                   FILE *out)
{
    fprintf(out, "digraph lattice {\n  rankdir=LR;\n"
                 "  node [shape=box, fontname=\"sans-serif\"];\n");
    for (uint32_t b = 0; b < plan->n_batches; ++b) {
        fprintf(out, "  { rank=same;");
        for (uint32_t i = plan->batch_starts[b]; i < plan->batch_starts[b + 1];
             ++i) {
            const struct lat_instance *inst = plan->nodes[i].inst;
            fprintf(out, " \"%s\" [label=\"%s\\n%s\"];", inst->name, inst->name,
                    inst->type->name);
        }
        fprintf(out, " }\n");
    }
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        print_cable(c,
                    "  \"%1$s\" -> \"%3$s\" [taillabel=\"%2$s\", "
                    "headlabel=\"%4$s\", label=\"%5$s\"",
                    out);
        fprintf(out, "%s];\n",
                c->is_feedback ? ", style=dashed, constraint=false" : "");
    }
    fprintf(out, "}\n");
}

void
lat_plan_print_json(const struct lat_plan *plan, const struct lat_graph *g,
                    FILE *out)
{
    fprintf(out,
            "{\"nodes\": %u, \"cables\": %u, \"block\": %u, \"batches\": [",
            plan->n_nodes, plan->n_cables, plan->block);
    for (uint32_t b = 0; b < plan->n_batches; ++b) {
        fprintf(out, "%s[", b ? ", " : "");
        for (uint32_t i = plan->batch_starts[b]; i < plan->batch_starts[b + 1];
             ++i) {
            const struct lat_instance *inst = plan->nodes[i].inst;
            fprintf(out, "%s{\"name\": \"%s\", \"type\": \"%s\"}",
                    i > plan->batch_starts[b] ? ", " : "", inst->name,
                    inst->type->name);
        }
        fprintf(out, "]");
    }
    fprintf(out, "], \"connections\": [");
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        print_cable(
            c, "{\"from\": \"%s/%s\", \"to\": \"%s/%s\", \"amount\": %s", out);
        fprintf(out, ", \"feedback\": %s}%s", c->is_feedback ? "true" : "false",
                c->next ? ", " : "");
    }
    fprintf(out,
            "], \"buffers\": {\"allocated\": %u, \"peak\": %u, \"in_use\": %u, "
            "\"gets\": %llu, \"reuse\": %.4f}, \"compile_us\": %u}\n",
            plan->counters.allocations, plan->counters.peak,
            plan->counters.in_use, (unsigned long long)plan->counters.gets,
            plan->counters.reuse, plan->compile_us);
}
