// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a newer lattice wrote and this one does not know, kept so that it can be
// written back.
//
// A node of an unknown type becomes a placeholder.  Its ports are those that
// the cables of the file name, and an input for each key whose value is a
// number.  A type must be there before its node, and nodes before cables, so
// the ends of all cables are collected first, sorted by node.

#include "apply_private.h"
#include "base/text.h"
#include "graph/placeholder.h"
#include "lines.h"
#include "node/common_settings.h"
#include "words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Versions

/// The version in "lattice 1.2.3"; of other programs' versions we know nothing.
static const char *
version_of(const char *made_by)
{
    static const char prefix[] = "lattice ";
    const size_t n = sizeof(prefix) - 1;
    const bool is_ours = strncmp(made_by, prefix, n) == 0;
    return is_ours && made_by[n] >= '0' && made_by[n] <= '9' ? made_by + n
                                                             : "0";
}

bool
lat_is_made_by_newer(const char *made_by, const char *other)
{
    const char *a = version_of(made_by);
    const char *b = version_of(other);
    for (int i = 0; i < 3; ++i) {
        char *end_a = NULL;
        char *end_b = NULL;
        const unsigned long n_a = strtoul(a, &end_a, 10);
        const unsigned long n_b = strtoul(b, &end_b, 10);
        if (n_a != n_b) {
            return n_a > n_b;
        }
        a = *end_a == '.' ? end_a + 1 : "0";
        b = *end_b == '.' ? end_b + 1 : "0";
    }
    return false;
}

static struct lat_unknown *
kept(const struct lat_apply *a)
{
    return &lat_control_document(a->target->control)->unknown;
}

/// Append to a list that may be long.
static enum lat_status
append(struct lat_line **list, struct lat_line **last, const char *key,
       const char *text, const char *comment)
{
    struct lat_line **const end = *last ? &(*last)->next : list;
    const enum lat_status status = lat_line_append(end, key, text, comment);
    *last = status ? *last : *end;
    return status;
}

enum lat_status
lat_apply_keep_head(const struct lat_apply *a,
                    const struct lat_draft_head *head)
{
    struct lat_unknown *const u = kept(a);
    if (head->format > u->format) {
        u->format = head->format;
    }
    if (head->made_by &&
        (!u->made_by || lat_is_made_by_newer(head->made_by, u->made_by))) {
        char *const made_by = strdup(head->made_by);
        if (!made_by) {
            return lat_apply_fail_memory(a, 1);
        }
        free(u->made_by);
        u->made_by = made_by;
    }
    return LAT_OK;
}

// Lines and sections

/// An import takes nodes and cables only.
static const char *
fate(const struct lat_apply *a)
{
    return a->target->part ? "left out" : "kept and does nothing";
}

enum lat_status
lat_apply_keep_line(const struct lat_apply *a,
                    const struct lat_draft_section *s,
                    const struct lat_draft_entry *e, const char *reason)
{
    if (reason) {
        lat_apply_warn(a, e->line, "%s; the line is %s", reason, fate(a));
    } else {
        lat_apply_warn(a, e->line, "unknown key '%s' is %s", e->key, fate(a));
    }
    if (a->target->part) {
        return LAT_OK;
    }
    char *key = NULL;
    enum lat_status status = LAT_ENOMEM;
    if (asprintf(&key, "%s/%s", s->name, e->key) >= 0) {
        status = append(&kept(a)->keys, &kept(a)->last_key, key, e->value,
                        e->comment);
        free(key);
    }
    return status ? lat_apply_fail_memory(a, e->line) : LAT_OK;
}

enum lat_status
lat_apply_keep_section(const struct lat_apply *a,
                       const struct lat_draft_section *s)
{
    lat_apply_warn(a, s->line, "unknown section '%s' is %s", s->name, fate(a));
    if (a->target->part) {
        return LAT_OK;
    }
    struct lat_unknown *const u = kept(a);
    enum lat_status status =
        append(&u->sections, &u->last_section, "", s->name, s->comment);
    for (size_t i = 0; i < s->n && !status; ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        status = append(&u->sections, &u->last_section, e->key, e->value,
                        e->comment);
    }
    return status ? lat_apply_fail_memory(a, s->line) : LAT_OK;
}

// Cables

static uint32_t
serial_of(const struct lat_graph *g, const char *endpoint)
{
    char name[LAT_NAME_MAX];
    const size_t n = strcspn(endpoint, "/");
    if (n >= sizeof(name)) {
        return 0;
    }
    memcpy(name, endpoint, n);
    name[n] = '\0';
    const struct lat_node *const node = lat_graph_find(g, name);
    return node ? node->serial : 0;
}

/// Can the cable be written when its nodes have the longest of names?
static bool
stays_short(const char *key, const char *text, const char *src, const char *dst)
{
    const size_t rest = strlen(text) - strcspn(src, "/") - strcspn(dst, "/");
    return strlen(key) + 1 + rest + 2 * (size_t)(LAT_NAME_MAX - 1) <=
           LAT_SESSION_LINE_MAX;
}

static struct lat_loose_cable *
new_cable(const struct lat_graph *g, const struct lat_draft_entry *e,
          const char *text, const char *src, const char *dst)
{
    struct lat_loose_cable *const cable = calloc(1, sizeof(*cable));
    if (!cable || lat_line_append(&cable->line, e->key, text, e->comment)) {
        free(cable);
        return NULL;
    }
    cable->src = serial_of(g, src);
    cable->dst = serial_of(g, dst);
    return cable;
}

enum lat_status
lat_apply_keep_cable(const struct lat_apply *a, const struct lat_draft_entry *e,
                     const char *src, const char *dst, const char *reason)
{
    lat_apply_warn(a, e->line, "%s; the cable is kept and does nothing",
                   reason);
    // Behind the ends stands what was read already: three words at most.
    struct lat_words w;
    char text[4096];
    lat_words_split(&w, e->value);
    int n = snprintf(text, sizeof(text), "%s -> %s", src, dst);
    for (size_t i = 3; i < w.n; ++i) {
        n += snprintf(text + n, sizeof(text) - (size_t)n, " %s", w.word[i]);
    }
    if (!stays_short(e->key, text, src, dst)) {
        return lat_apply_fail(a, LAT_EINVAL, e->line, "the line is too long");
    }
    struct lat_loose_cable **list = &kept(a)->cables;
    while (*list) {
        list = &(*list)->next;
    }
    *list = new_cable(lat_control_graph(a->target->control), e, text, src, dst);
    return *list ? LAT_OK : lat_apply_fail_memory(a, e->line);
}

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
    size_t n, capacity;
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
    if (ends->n == ends->capacity) {
        const size_t capacity = ends->capacity ? 2 * ends->capacity : 64;
        struct end *const grown =
            realloc(ends->ends, capacity * sizeof(*grown));
        if (!grown) {
            return false;
        }
        ends->ends = grown;
        ends->capacity = capacity;
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
           strcmp(e->key, LAT_BYPASS_SETTING) != 0;
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
