// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Values, cables, and the lines that lead to the outside.

#include "base/rt.h"
#include "node/value_text.h"
#include "odd_session.h"
#include "odd_session_private.h"
#include "odd_text.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Numbers.

/// A number near @p x as somebody might write it; it may not fit.
static void
write_number(struct odd_maker *m, double x, char out[64])
{
    static const char *const notes[] = {"a4", "eb3", "F#2", "c-1", "B5"};
    static const char *const plain[] = {"%.9g", "%.3f",  "%.0f",
                                        "%g",   "%.25f", "%+.2e"};
    static const char *const suffixed[] = {"%gHz",   "%gkHz", "%gs",   "%.4gms",
                                           "%.3gdB", "%gDB",  "%.5g%%"};
    // What a suffix makes of it, in the order above.
    const double factors[] = {1.0, 1e-3, 1.0, 1e3, 1.0, 1.0, 100.0};
    const uint32_t form = odd_below(m, 4);
    const uint32_t i = odd_below(m, LAT_COUNT(suffixed));
    const uint32_t k = odd_below(m, LAT_COUNT(plain));
    if (form == 0) {
        snprintf(out, 64, "%s", notes[odd_below(m, LAT_COUNT(notes))]);
    } else if (form == 1) {
        snprintf(out, 64, suffixed[i], x * factors[i]);
    } else {
        snprintf(out, 64, plain[k], x);
    }
}

/// Try forms until one is a number between @p min and @p max.
static void
write_fitting(struct odd_maker *m, double x, struct lat_quantity quantity,
              float min, float max, char out[64])
{
    for (int i = 0; i < 12; ++i) {
        double back = 0.0;
        write_number(m, x, out);
        if (lat_value_from_text(out, quantity, &back) && (float)back >= min &&
            (float)back <= max && fabs(back) < 1e9) {
            return;
        }
    }
    snprintf(out, 64, "%.9g", x);
}

void
odd_value(struct odd_maker *m, const struct lat_port *port, char out[64])
{
    const float u = (float)odd_below(m, 1025) / 1024.0F;
    float x = port->low + (port->high - port->low) * u;
    switch (odd_below(m, 8)) {
    case 0:
        x = port->initial;
        break;
    case 1:
        x = odd_below(m, 2) ? port->min : port->max;
        break;
    default:
        break;
    }
    write_fitting(m, (double)x, lat_quantity_of_value(port), port->min,
                  port->max, out);
}

void
odd_amount(struct odd_maker *m, const struct lat_port *port, char out[64])
{
    const double x = ((double)odd_below(m, 4001) - 2000.0) / 1024.0;
    write_fitting(m, x, lat_quantity_of_amount(port), -1e6F, 1e6F, out);
}

// Cables.

/// Ports that are meant together where an end names none.
static bool
is_pair(const struct lat_port_info *ports, uint32_t n, const char *device)
{
    char first[20];
    snprintf(first, sizeof(first), "%s_1", device);
    bool has_left = false;
    bool has_first = false;
    uint32_t n_channels = 0;
    for (uint32_t i = 0; i < n; ++i) {
        has_left = has_left || strcmp(ports[i].name, "left") == 0;
        has_first = has_first || strcmp(ports[i].name, first) == 0;
        n_channels += strncmp(ports[i].name, device, strlen(device)) == 0 &&
                      ports[i].name[strlen(device)] == '_';
    }
    return has_left || (has_first && n_channels == 2);
}

static bool
is_source_pair(const struct odd_node *n)
{
    return is_pair(n->layout->out, n->layout->n_out,
                   n->type->flags & LAT_TYPE_DEVICE_IN ? "out" : "-");
}

static bool
is_target_pair(const struct odd_node *n)
{
    return is_pair(n->layout->in, n->layout->n_in,
                   n->type->flags & LAT_TYPE_DEVICE_OUT ? "in" : "-");
}

/// May the source's port be left out?
static bool
has_plain_source(const struct odd_node *n)
{
    if (n->layout->n_out == 1) {
        return true;
    }
    for (uint32_t i = 0; i < n->layout->n_out; ++i) {
        if (strcmp(n->layout->out[i].name, "out") == 0) {
            return true;
        }
    }
    return false;
}

static void
put_cable(struct odd_maker *m, const char *src, const char *dst,
          const struct lat_port *input, bool is_feedback)
{
    char line[256];
    char amount[64] = "";
    char times[70] = "";
    if (odd_below(m, 2)) {
        odd_amount(m, input, amount);
        snprintf(times, sizeof(times), " * %s", amount);
    }
    snprintf(line, sizeof(line), "cable = %s -> %s%s%s", src, dst, times,
             is_feedback ? " feedback" : "");
    odd_put_line(m, line);
}

/// From one node to another: in the shortest form that does, or by ports.
static void
connect(struct odd_maker *m, uint32_t from, uint32_t to)
{
    const struct odd_node *const a = &m->nodes[from];
    const struct odd_node *const b = &m->nodes[to];
    const bool is_feedback = from >= to || odd_below(m, 30) == 0;
    const bool is_short = odd_below(m, 2);
    char src[LAT_NAME_MAX + 48];
    char dst[LAT_NAME_MAX + 48];
    if (a->layout->n_out == 0 || b->layout->n_in == 0) {
        return;
    }
    const uint32_t out = odd_below(m, a->layout->n_out);
    snprintf(src, sizeof(src), "%s/%s", a->name, a->layout->out[out].name);
    if (is_short && is_target_pair(b)) {
        const bool may = has_plain_source(a) || is_source_pair(a);
        put_cable(m, may && odd_below(m, 2) ? a->name : src, b->name,
                  b->layout->in[0].port, is_feedback);
        return;
    }
    if (has_plain_source(a) && odd_below(m, 2)) {
        snprintf(src, sizeof(src), "%s", a->name);
    }
    uint32_t in = is_short ? 0 : odd_below(m, b->layout->n_in);
    for (uint32_t n = 1 + odd_below(m, 2); n > 0 && in < b->layout->n_in; --n) {
        snprintf(dst, sizeof(dst), "%s/%s", b->name, b->layout->in[in].name);
        put_cable(m, src, is_short && in == 0 ? b->name : dst,
                  b->layout->in[in].port, is_feedback);
        in += 1 + odd_below(m, 3);
    }
}

static int
compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void
odd_put_cables(struct odd_maker *m)
{
    // Every node to a later one, near the end and here and there; one line or
    // two for a pair of nodes, so that none stands twice.
    const uint32_t n_wanted = m->n * (1 + odd_below(m, 3));
    uint64_t *const pairs = calloc(n_wanted, sizeof(*pairs));
    cr_assert_not_null(pairs);
    for (uint32_t i = 0; i < n_wanted; ++i) {
        const uint64_t from = i < m->n ? i : odd_below(m, m->n);
        uint64_t to = odd_below(m, 3) ? from + 1 + odd_below(m, 20) : m->n - 1;
        to = odd_below(m, 12) == 0 ? odd_below(m, m->n) : to;
        pairs[i] = from << 32U | (to < m->n ? to : m->n - 1);
    }
    qsort(pairs, n_wanted, sizeof(*pairs), compare);
    if (n_wanted > 0) {
        odd_put_line(m, "[cables]");
    }
    // In an order that is none.
    for (uint32_t n = 0, i = 0; n < n_wanted; ++n, i = (i + 7919) % n_wanted) {
        const bool is_again = i > 0 && pairs[i] == pairs[i - 1];
        if (!is_again) {
            connect(m, (uint32_t)(pairs[i] >> 32U), (uint32_t)pairs[i]);
        }
    }
    free(pairs);
}

// [jack], [map], [osc]

static const struct odd_node *
any_node(struct odd_maker *m)
{
    return &m->nodes[odd_below(m, m->n)];
}

void
odd_put_jack(struct odd_maker *m)
{
    char ours[LAT_NAME_MAX + 8];
    char client[64];
    char port[256];
    char text[512];
    if (odd_below(m, 3) == 0) {
        return;
    }
    odd_put_line(m, "[jack]");
    for (uint32_t n = odd_below(m, 12); n > 0; --n) {
        snprintf(ours, sizeof(ours), "%s_%u", any_node(m)->name,
                 1 + odd_below(m, 9));
        odd_name(&m->seed, 63, ":", client);
        odd_name(&m->seed, 255, "", port);
        switch (odd_below(m, 5)) {
        case 0:
            snprintf(text, sizeof(text), "%s -> nothing", ours);
            break;
        case 1:
            snprintf(text, sizeof(text), "%s -> physical:%u", ours,
                     1 + odd_below(m, 99));
            break;
        case 2:
            snprintf(text, sizeof(text), "physical:%u -> midi_in",
                     1 + odd_below(m, 9));
            break;
        case 3:
            snprintf(text, sizeof(text), "%s:%s -> %s", client, port, ours);
            break;
        default:
            snprintf(text, sizeof(text), "%s -> %s:%s", ours, client, port);
            break;
        }
        odd_put_text(m, "connect", text);
    }
}

void
odd_put_maps(struct odd_maker *m)
{
    static const char *const sources[] = {
        "/1/fader1", "/a#2", "midi:1:7",        "midi:16:0",
        "/1;2=3:4",  "/%s",  "/b\\\"'\\x41\\n", "/->",
    };
    static const char *const modes[] = {"", " toggle", " relative", " pickup"};
    char text[512];
    if (odd_below(m, 2)) {
        return;
    }
    odd_put_line(m, "[map]");
    for (uint32_t n = odd_below(m, 9); n > 0; --n) {
        const struct odd_node *const node = any_node(m);
        const char *const source = sources[odd_below(m, LAT_COUNT(sources))];
        if (node->layout->n_in == 0) {
            continue;
        }
        const struct lat_port_info *const in =
            &node->layout->in[odd_below(m, node->layout->n_in)];
        if (odd_below(m, 2)) {
            snprintf(text, sizeof(text), "%s -> %s/%s", source, node->name,
                     in->name);
        } else {
            snprintf(text, sizeof(text), "%s -> %s/%s %.9g %.9g lin%s", source,
                     node->name, in->name, (double)in->port->low,
                     (double)in->port->high, modes[odd_below(m, 4)]);
        }
        odd_put_text(m, "map", text);
    }
}

void
odd_put_osc(struct odd_maker *m)
{
    static const char *const lines[] = {
        "tablet.local:9001 /node/*/level 20",
        "[::1]:7 /**",
        "127.0.0.1:65535 /node/{a,b}/[!c]?;x",
        "a-b.c:1 /\\x41%s'\" 0.5",
    };
    if (odd_below(m, 2)) {
        return;
    }
    odd_put_line(m, "[osc]");
    for (uint32_t n = odd_below(m, 5); n > 0; --n) {
        odd_put_text(m, "feedback", lines[odd_below(m, LAT_COUNT(lines))]);
    }
}
