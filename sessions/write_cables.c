// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "write_cables.h"
#include "base/text.h"
#include "graph/placeholder.h"
#include "write_unknown.h"

#include <stdio.h>
#include <string.h>

/// What an endpoint without its port means: one port, a pair, or nothing.
struct short_form {
    uint32_t port[2];
    uint32_t n;
};

static bool
find_port(const struct lat_port_info *ports, uint32_t n, const char *name,
          uint32_t *out)
{
    for (uint32_t i = 0; i < n; ++i) {
        if (strcmp(ports[i].name, name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/// Are left and right, or both channels of a device, among the ports?
static bool
find_pair(const struct lat_node *node, const struct lat_port_info *ports,
          uint32_t n, struct short_form *out)
{
    if (find_port(ports, n, "left", &out->port[0]) &&
        find_port(ports, n, "right", &out->port[1])) {
        out->n = 2;
        return true;
    }
    const bool is_device =
        (node->type->flags & (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT)) != 0;
    const int channels = lat_setting_index(node->type, "channels");
    if (n >= 2 && is_device && channels >= 0 &&
        node->settings[channels].number == 2.0) {
        *out = (struct short_form){{0, 1}, 2};
        return true;
    }
    return false;
}

/// For a cable out of @p port.  A port without a name is what a placeholder's
/// cables mean that name none.
static struct short_form
short_output(const struct lat_node *node, uint32_t port)
{
    const struct lat_layout *const l = node->layout;
    if (*l->out[port].name == '\0') {
        return (struct short_form){{port, 0}, 1};
    }
    struct short_form out = {
        {0, 0}, l->n_out == 1 && !lat_placeholder_is(node->type) ? 1 : 0};
    if (!find_pair(node, l->out, l->n_out, &out) && out.n == 0 &&
        !lat_placeholder_is(node->type) &&
        find_port(l->out, l->n_out, "out", &out.port[0])) {
        out.n = 1;
    }
    return out;
}

static struct short_form
short_input(const struct lat_node *node, uint32_t port)
{
    const struct lat_layout *const l = node->layout;
    if (*l->in[port].name == '\0') {
        return (struct short_form){{port, 0}, 1};
    }
    struct short_form in = {
        {0, 0}, l->n_in > 0 && !lat_placeholder_is(node->type) ? 1 : 0};
    find_pair(node, l->in, l->n_in, &in);
    return in;
}

/// Is @p port what the short form gives its @p i-th cable?
static bool
is_at(const struct short_form *f, uint32_t i, uint32_t port)
{
    return f->n > 0 && f->port[f->n == 2 ? i : 0] == port;
}

/// May @p port be left out?  Only where nobody has to look up what the first
/// input is: `voice -> filter`, but `lfo -> voice/freq`.
static bool
is_plain_input(const struct lat_node *node, const struct short_form *in,
               uint32_t port)
{
    return in->n == 1 && in->port[0] == port &&
           (*node->layout->in[port].name == '\0' ||
            strcmp(node->layout->in[port].name, "in") == 0 ||
            (node->type->flags & LAT_TYPE_DEVICE_OUT) != 0);
}

/// Do this cable and the next make one short form together: a pair to a pair,
/// or one output to both of a pair?
static bool
is_pair(const struct lat_cable *c, const struct short_form *out,
        const struct short_form *in)
{
    const struct lat_cable *const other = c->next;
    if (in->n != 2 || !other || other->comment || other->src != c->src ||
        other->dst != c->dst || other->amount != c->amount ||
        strcmp(other->written, c->written) != 0 ||
        other->is_feedback != c->is_feedback || !is_at(in, 0, c->dst_port) ||
        !is_at(in, 1, other->dst_port)) {
        return false;
    }
    return other->src_port == c->src_port ||
           (is_at(out, 0, c->src_port) && is_at(out, 1, other->src_port));
}

/// Write one cable, or two that are a pair.  @return the cable after it.
static const struct lat_cable *
put_cable(struct writer *w, const struct lat_cable *c)
{
    const struct short_form out = short_output(c->src, c->src_port);
    const struct short_form in = short_input(c->dst, c->dst_port);
    const bool pair = is_pair(c, &out, &in);
    const bool short_src = (out.n == 1 && out.port[0] == c->src_port) ||
                           (pair && c->next->src_port != c->src_port);
    const bool short_dst = pair || is_plain_input(c->dst, &in, c->dst_port);
    const bool has_amount = c->amount != 1.0F || *c->written;
    char amount[32] = "";
    if (*c->written) {
        snprintf(amount, sizeof(amount), "%s", c->written);
    } else if (has_amount) {
        lat_format_float(c->amount, amount, sizeof(amount));
    }
    char text[LAT_SESSION_CABLE_MAX];
    snprintf(text, sizeof(text), "%s%s%s -> %s%s%s%s%s%s", c->src->name,
             short_src ? "" : "/",
             short_src ? "" : c->src->layout->out[c->src_port].name,
             c->dst->name, short_dst ? "" : "/",
             short_dst ? "" : c->dst->layout->in[c->dst_port].name,
             has_amount ? " * " : "", amount,
             c->is_feedback ? " feedback" : "");
    lat_write_value(w, "cable", text, c->comment);
    return pair ? c->next->next : c->next;
}

/// The node of a loose cable's end, or NULL when it is gone.
static const struct lat_node *
find_serial(const struct lat_graph *graph, uint32_t serial)
{
    const struct lat_node *n = graph->first;
    while (n && n->serial != serial) {
        n = n->next;
    }
    return n;
}

/// Write a cable to or from a port that is not known, with the names that its
/// nodes have now; not if one of them is gone.
static void
put_loose_cable(struct writer *w, const struct lat_graph *graph,
                const struct lat_loose_cable *c)
{
    const struct lat_node *const src = find_serial(graph, c->src);
    const struct lat_node *const dst = find_serial(graph, c->dst);
    if ((c->src && !src) || (c->dst && !dst)) {
        return;
    }
    const char *const from = c->line->text;
    const char *const to = strstr(from, " -> ") + 4;
    const size_t n_from = src ? strcspn(from, "/ ") : 0;
    const size_t n_to = dst ? strcspn(to, "/ ") : 0;
    char text[2 * LAT_SESSION_CABLE_MAX];
    snprintf(text, sizeof(text), "%s%.*s%s%s", src ? src->name : "",
             (int)((size_t)(to - from) - n_from), from + n_from,
             dst ? dst->name : "", to + n_to);
    lat_write_value(w, c->line->key, text, c->line->comment);
}

void
lat_write_cables(struct writer *w, const struct lat_graph *graph)
{
    const enum lat_section_kind kind = LAT_SECTION_CABLES;
    const char *const comment = lat_write_document_comment(w, kind, "");
    const struct lat_loose_cable *loose = w->document->unknown.cables;
    if (!graph->first_cable && !comment && !loose &&
        !lat_write_has_unknown_keys(w, kind)) {
        return;
    }
    lat_write_section(w, lat_section_name(kind), comment);
    for (const struct lat_cable *c = graph->first_cable; c;) {
        c = put_cable(w, c);
    }
    for (; loose; loose = loose->next) {
        put_loose_cable(w, graph, loose);
    }
    lat_write_unknown_keys(w, kind);
}
