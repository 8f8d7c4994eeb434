// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The plan in force with the cables of the graph that it was made from.

#include "base/text.h"
#include "state.h"

#include <stdlib.h>

static void
print_cable(const struct lat_cable *c, const char *format, FILE *out)
{
    char amount[32];
    lat_format_float(c->amount, amount, sizeof(amount));
    fprintf(out, format, c->src->name, c->src->layout->out[c->src_port].name,
            c->dst->name, c->dst->layout->in[c->dst_port].name, amount);
}

static void
print_dot(const struct lat_plan *plan, const struct lat_graph *g, FILE *out)
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

static void
print_json(const struct lat_plan *plan, const struct lat_graph *g, FILE *out)
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

char *
lat_control_print_plan(struct lat_control *c, enum lat_plan_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return NULL;
    }
    if (format == LAT_PLAN_DOT) {
        print_dot(c->plan, &c->graph, out);
    } else if (format == LAT_PLAN_JSON) {
        print_json(c->plan, &c->graph, out);
    } else {
        lat_plan_print_text(c->plan, out);
    }
    fclose(out);
    return text;
}
