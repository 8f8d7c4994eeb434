// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The plan in force with the cables of the graph that it was made from.

#include "base/text.h"
#include "latency.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>

/// The voices of a node that stand side by side in a batch.
struct voices {
    const struct lat_instance *first;
    const char *name;
    uint32_t n;
};

/// @param at  where they begin; then where the next ones do.
static struct voices
next_voices(const struct lat_plan *plan, const char *const *names, uint32_t *at,
            uint32_t end)
{
    const struct lat_instance *first = plan->nodes[*at].inst;
    struct voices v = {first, names[first->id], 0};
    while (*at < end && names[plan->nodes[*at].inst->id] == v.name) {
        const struct lat_instance *inst = plan->nodes[(*at)++].inst;
        v.n += lat_type_is_dealer(inst->type) ? inst->config->n_voices : 1;
    }
    return v;
}

static void
print_text(const struct lat_plan *plan, const char *const *names, FILE *out)
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
        const uint32_t end = plan->batch_starts[b + 1];
        for (uint32_t i = plan->batch_starts[b]; i < end;) {
            const struct voices v = next_voices(plan, names, &i, end);
            fprintf(out, v.n > 1 ? " %s x%u" : " %s", v.name, v.n);
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

static void
print_dot(const struct lat_plan *plan, const struct lat_graph *g,
          const char *const *names, FILE *out)
{
    fprintf(out, "digraph lattice {\n  rankdir=LR;\n"
                 "  node [shape=box, fontname=\"sans-serif\"];\n");
    for (uint32_t b = 0; b < plan->n_batches; ++b) {
        fprintf(out, "  { rank=same;");
        const uint32_t end = plan->batch_starts[b + 1];
        for (uint32_t i = plan->batch_starts[b]; i < end;) {
            const struct voices v = next_voices(plan, names, &i, end);
            fprintf(out, " \"%s\" [label=\"%s", v.name, v.name);
            if (v.n > 1) {
                fprintf(out, " x%u", v.n);
            }
            fprintf(out, "\\n%s\"];", v.first->type->name);
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

/// Nodes that delay, and by how much the synth does; nothing where it does not.
static void
print_latency(const struct lat_control *c, FILE *out)
{
    struct lat_latency latency = {0};
    for (const struct lat_node *n = c->graph.first; n; n = n->next) {
        const uint32_t own = lat_control_node_latency(c, n);
        if (own) {
            fprintf(out, "%s delays by %u frames\n", n->name, own);
        }
    }
    (void)lat_control_latency(c, 0, &latency);
    for (uint32_t i = 0; i < latency.n; ++i) {
        const struct lat_latency_path *p = &latency.paths[i];
        if (p->max) {
            fprintf(out, "from %s to %s: %u to %u frames late\n",
                    c->slots.all[p->in].name, c->slots.all[p->out].name, p->min,
                    p->max);
        }
    }
    lat_latency_fini(&latency);
}

static void
print_latency_json(const struct lat_control *c, FILE *out)
{
    struct lat_latency latency = {0};
    const char *comma = "";
    fprintf(out, "\"latency\": {\"nodes\": {");
    for (const struct lat_node *n = c->graph.first; n; n = n->next) {
        if (n->type->latency) {
            fprintf(out, "%s\"%s\": %u", comma, n->name,
                    lat_control_node_latency(c, n));
            comma = ", ";
        }
    }
    (void)lat_control_latency(c, 0, &latency);
    fprintf(out, "}, \"paths\": [");
    for (uint32_t i = 0; i < latency.n; ++i) {
        const struct lat_latency_path *p = &latency.paths[i];
        fprintf(out,
                "%s{\"from\": \"%s\", \"to\": \"%s\", \"min\": %u, "
                "\"max\": %u}",
                i ? ", " : "", c->slots.all[p->in].name,
                c->slots.all[p->out].name, p->min, p->max);
    }
    fprintf(out, "]}");
    lat_latency_fini(&latency);
}

static void
print_json(const struct lat_control *c, const char *const *names, FILE *out)
{
    const struct lat_plan *plan = c->plan;
    fprintf(out,
            "{\"nodes\": %u, \"cables\": %u, \"block\": %u, \"batches\": [",
            plan->n_nodes, plan->n_cables, plan->block);
    for (uint32_t b = 0; b < plan->n_batches; ++b) {
        fprintf(out, "%s[", b ? ", " : "");
        const uint32_t end = plan->batch_starts[b + 1];
        for (uint32_t i = plan->batch_starts[b]; i < end;) {
            fprintf(out, i > plan->batch_starts[b] ? ", " : "");
            const struct voices v = next_voices(plan, names, &i, end);
            fprintf(out, "{\"name\": \"%s\", \"type\": \"%s\", \"poly\": %u}",
                    v.name, v.first->type->name, v.n);
        }
        fprintf(out, "]");
    }
    fprintf(out, "], \"connections\": [");
    for (const struct lat_cable *k = c->graph.first_cable; k; k = k->next) {
        print_cable(
            k, "{\"from\": \"%s/%s\", \"to\": \"%s/%s\", \"amount\": %s", out);
        fprintf(out, ", \"feedback\": %s}%s", k->is_feedback ? "true" : "false",
                k->next ? ", " : "");
    }
    fprintf(out, "], ");
    print_latency_json(c, out);
    fprintf(out,
            ", \"buffers\": {\"allocated\": %u, \"peak\": %u, \"in_use\": %u, "
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
    const char **names = lat_control_names(c);
    FILE *out = names ? open_memstream(&text, &size) : NULL;
    if (!out) {
        free((void *)names);
        return NULL;
    }
    if (format == LAT_PLAN_DOT) {
        print_dot(c->plan, &c->graph, names, out);
    } else if (format == LAT_PLAN_JSON) {
        print_json(c, names, out);
    } else {
        print_text(c->plan, names, out);
        print_latency(c, out);
    }
    fclose(out);
    free((void *)names);
    return text;
}
