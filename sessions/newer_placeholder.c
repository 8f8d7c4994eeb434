// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node of an unknown type becomes a placeholder.  Its ports are those that
// the cables of the file name, and an input for each key whose value is a
// number.  A type must be there before its node, and nodes before cables, so
// the ends of all cables are collected first, sorted by node.

#include "apply_private.h"
#include "base/array.h"
#include "graph/placeholder.h"
#include "node/common_settings.h"
#include "words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The ends of cables

/// A port that a cable names, "" where it names none.
struct end {
    const char *node; ///< owned; the port stands behind it
    const char *port;
    bool is_output;
    uint32_t line;
};

struct lat_cable_ends {
    struct end *ends;
    uint32_t n, capacity;
};

static int
by_node(const void *a, const void *b)
{
    const struct end *const x = a;
    const struct end *const y = b;
    return strcmp(x->node, y->node);
}

static int
by_port(const void *a, const void *b)
{
    const struct end *const x = a;
    const struct end *const y = b;
    int order = by_node(a, b);
    if (!order) {
        order = x->is_output - y->is_output;
    }
    if (!order) {
        order = strcmp(x->port, y->port);
    }
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool
add_end(struct lat_cable_ends *ends, const char *node, const char *port,
        bool is_output, uint32_t line)
{
    if (!lat_grow((void **)&ends->ends, &ends->capacity, ends->n,
                  sizeof(*ends->ends))) {
        return false;
    }
    const size_t n_node = strcspn(node, "/");
    char *const copy = malloc(n_node + strlen(port) + 2);
    if (!copy) {
        return false;
    }
    memcpy(copy, node, n_node);
    copy[n_node] = '\0';
    memcpy(copy + n_node + 1, port, strlen(port) + 1);
    ends->ends[ends->n++] = (struct end){
        .node = copy,
        .port = copy + n_node + 1,
        .is_output = is_output,
        .line = line,
    };
    return true;
}

static bool
add_endpoint(struct lat_cable_ends *ends, const char *endpoint, bool is_output,
             uint32_t line)
{
    const char *const slash = strchr(endpoint, '/');
    return add_end(ends, endpoint, slash ? slash + 1 : "", is_output, line);
}

/// The sections of nodes, sorted by name.
struct sections {
    const struct lat_draft *draft;
    const struct lat_draft_section **sorted;
    size_t n;
};

static int
by_name(const void *a, const void *b)
{
    const struct lat_draft_section *const *const x = a;
    const struct lat_draft_section *const *const y = b;
    return strcmp((*x)->name, (*y)->name);
}

static bool
sort_sections(const struct lat_draft *d, struct sections *out)
{
    *out = (struct sections){d, NULL, 0};
    out->sorted = calloc(d->n_sections + 1, sizeof(*out->sorted));
    for (size_t i = 0; out->sorted && i < d->n_sections; ++i) {
        if (d->sections[i].kind == LAT_SECTION_NODE) {
            out->sorted[out->n++] = &d->sections[i];
        }
    }
    if (out->n > 0) {
        qsort(out->sorted, out->n, sizeof(*out->sorted), by_name);
    }
    return out->sorted != NULL;
}

/// May the node be a pair where a cable names none of its ports?
static bool
may_be_pair(const struct sections *sections, const char *node)
{
    const struct lat_draft_section wanted = {.name = (char *)node};
    const struct lat_draft_section *const key = &wanted;
    const struct lat_draft_section *const *const found =
        bsearch(&key, sections->sorted, sections->n, sizeof(*sections->sorted),
                by_name);
    const struct lat_draft_entry *const e =
        found ? lat_draft_entry(sections->draft, *found, "type") : NULL;
    const struct lat_node_type *const type =
        e ? lat_node_type_find(e->value) : NULL;
    bool is_pair = type && type->flags & LAT_TYPE_DEVICE_IN;
    for (uint32_t i = 0; type && i < type->n_outputs; ++i) {
        is_pair = is_pair || strcmp(type->outputs[i].name, "left") == 0;
    }
    return is_pair;
}

/// Both ends of a cable.  A pair into a node is taken for one into a pair.
static bool
add_cable(struct lat_cable_ends *ends, const struct sections *sections,
          const struct lat_draft_entry *e)
{
    struct lat_words w;
    if (!lat_words_split(&w, e->value) || w.n < 3) {
        return true; // which is refused later
    }
    const char *const src = w.word[0];
    const char *const dst = w.word[2];
    if (!add_endpoint(ends, src, true, e->line)) {
        return false;
    }
    if (!strchr(dst, '/') && may_be_pair(sections, src)) {
        return add_end(ends, dst, "left", false, e->line) &&
               add_end(ends, dst, "right", false, e->line);
    }
    return add_endpoint(ends, dst, false, e->line);
}

void
lat_cable_ends_free(struct lat_cable_ends *ends)
{
    if (ends) {
        for (size_t i = 0; i < ends->n; ++i) {
            free((char *)ends->ends[i].node);
        }
        free(ends->ends);
        free(ends);
    }
}

struct lat_cable_ends *
lat_cable_ends_new(const struct lat_draft *d)
{
    struct lat_cable_ends *const ends = calloc(1, sizeof(*ends));
    const struct lat_draft_section *const s =
        lat_draft_section(d, LAT_SECTION_CABLES);
    struct sections sections = {0};
    bool is_good = ends && sort_sections(d, &sections);
    for (size_t i = 0; is_good && s && i < s->n; ++i) {
        const struct lat_draft_entry *const e = &d->entries[s->first + i];
        is_good = strcmp(e->key, "cable") != 0 || add_cable(ends, &sections, e);
    }
    free(sections.sorted);
    if (!is_good) {
        lat_cable_ends_free(ends);
        return NULL;
    }
    if (ends->n > 0) {
        qsort(ends->ends, ends->n, sizeof(*ends->ends), by_port);
    }
    return ends;
}

// Placeholders

/// Names of a placeholder's ports, borrowed from the ends and the draft.
struct ports {
    const char *in[LAT_MAX_PORTS];
    const char *out[LAT_MAX_PORTS];
    uint32_t n_in, n_out;
};

/// Add a name if it is not there yet.  @return false when there is no room.
static bool
add_name(const char **names, uint32_t *n, const char *name)
{
    for (uint32_t i = 0; i < *n; ++i) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    if (*n == LAT_MAX_PORTS) {
        return false;
    }
    names[(*n)++] = name;
    return true;
}

static enum lat_status
add_ends(const struct lat_apply *a, const char *node, struct ports *ports)
{
    const struct lat_cable_ends *const all = a->ends;
    const struct end wanted = {.node = node};
    const struct end *e = all->n > 0 ? bsearch(&wanted, all->ends, all->n,
                                               sizeof(wanted), by_node)
                                     : NULL;
    while (e && e > all->ends && by_node(&e[-1], &wanted) == 0) {
        --e;
    }
    for (; e && e < all->ends + all->n && by_node(e, &wanted) == 0; ++e) {
        if (strlen(e->port) > LAT_PLACEHOLDER_NAME_MAX) {
            return lat_apply_fail(a, LAT_EINVAL, e->line,
                                  "the name of a port has up to %d bytes",
                                  LAT_PLACEHOLDER_NAME_MAX);
        }
        if (e->is_output ? !add_name(ports->out, &ports->n_out, e->port)
                         : !add_name(ports->in, &ports->n_in, e->port)) {
            return lat_apply_fail(a, LAT_EFULL, e->line,
                                  "%s has more than %d %s", node, LAT_MAX_PORTS,
                                  e->is_output ? "outputs" : "inputs");
        }
    }
    return LAT_OK;
}

static bool
is_number(const struct lat_draft_entry *e)
{
    double number = 0.0;
    return e->more_line == 0 && lat_parse_number(e->value, &number) &&
           fabs(number) <= (double)LAT_PLACEHOLDER_MAX &&
           strcmp(e->key, "type") != 0 && strcmp(e->key, "poly") != 0 &&
           strcmp(e->key, "process") != 0 &&
           strcmp(e->key, LAT_BYPASS_SETTING) != 0 &&
           strcmp(e->key, LAT_SLEEP_SETTING) != 0;
}

bool
lat_apply_is_input(const struct lat_node_type *type,
                   const struct lat_draft_entry *e)
{
    bool is_input = false;
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        is_input = is_input || strcmp(type->inputs[i].name, e->key) == 0;
    }
    return is_input && is_number(e);
}

enum lat_status
lat_apply_placeholder(const struct lat_apply *a,
                      const struct lat_draft_section *s, const char *type,
                      const struct lat_node_type **out)
{
    struct ports ports = {.n_in = 0};
    const enum lat_status status = add_ends(a, s->name, &ports);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < s->n; ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        if (is_number(e) && strlen(e->key) <= LAT_PLACEHOLDER_NAME_MAX) {
            // Without room it is kept all the same, but nobody can set it.
            (void)add_name(ports.in, &ports.n_in, e->key);
        }
    }
    *out = lat_placeholder_type(
        lat_control_placeholders(a->target->control), type,
        (struct lat_placeholder_ports){ports.in, ports.n_in},
        (struct lat_placeholder_ports){ports.out, ports.n_out});
    return *out ? LAT_OK : lat_apply_fail_memory(a, s->line);
}
