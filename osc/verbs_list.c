// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lists: one message an item on the address that was asked, then
// /done ADDRESS COUNT.

#include "addresses.h"
#include "control/asleep.h"
#include "control/latency.h"
#include "outputs.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

/// Names of a batch go into one message up to this many bytes, so that a
/// datagram stays whole on any network.
#define BATCH_BYTES 1300

static void
add_value(lo_message m, const struct lat_osc_address_range *r, double number,
          const char *text)
{
    if (text || r->is_text) {
        lo_message_add_string(m, text ? text : "");
    } else {
        lo_message_add_float(m, (float)number);
    }
}

/// A row of what can be said of an address; @p text is its value where it is no
/// number.
static void
tell_address(const struct lat_osc_call *call, const struct lat_osc_address *a,
             double number, const char *text)
{
    const struct lat_osc_address_range r = lat_osc_address_range(a);
    size_t size = 0;
    char *const shown = lat_osc_scratch(call, &size);
    lo_message m = lo_message_new();
    if (!m) {
        return;
    }
    lo_message_add_string(m, a->node->name);
    lo_message_add_string(m, a->name);
    lo_message_add_string(m, r.kind);
    add_value(m, &r, number, text ? lat_osc_shorten(text, shown, size) : NULL);
    lo_message_add_float(m, (float)r.min);
    lo_message_add_float(m, (float)r.max);
    add_value(m, &r, r.initial, r.initial_text);
    lo_message_add_string(m, r.unit);
    lo_message_add_string(m, r.curve);
    lo_message_add_float(m, (float)r.low);
    lo_message_add_float(m, (float)r.high);
    for (uint32_t i = 0; r.words && r.words[i]; ++i) {
        lo_message_add_string(m, r.words[i]);
    }
    lat_osc_answer_message(call, call->path, m);
}

/// Tell all addresses of a kind.  @p values are those of the outputs.
static uint32_t
tell_kind(const struct lat_osc_call *call, const struct lat_node *node,
          enum lat_osc_address_kind kind, const float *values)
{
    struct lat_osc_address a;
    uint32_t i = 0;
    for (; lat_osc_address_get(node, kind, i, &a); ++i) {
        double number = 0.0;
        const char *text = NULL;
        switch (kind) {
        case LAT_ADDRESS_INPUT:
            number =
                (double)lat_control_value_now(call->control, node, i, 0, NULL);
            break;
        case LAT_ADDRESS_SETTING:
            number = node->settings[i].number;
            text = node->settings[i].text;
            break;
        case LAT_ADDRESS_BYPASS:
            text = node->is_bypassed ? "yes" : "no";
            break;
        case LAT_ADDRESS_POLY:
            number = node->poly;
            break;
        case LAT_ADDRESS_SLEEP:
            text = lat_node_sleeps(node) ? "yes" : "no";
            break;
        case LAT_ADDRESS_PROCESS:
            text = lat_control_wants_process(call->control, node) ? "own"
                                                                  : "engine";
            break;
        default:
            number = (double)values[i];
            break;
        }
        tell_address(call, &a, number, text);
    }
    return i;
}

/// Of a type that may delay, as a row of its own kind.
static uint32_t
info_latency(const struct lat_osc_call *call, const struct lat_node *node)
{
    if (!node->type->latency) {
        return 0;
    }
    const double frames = (double)lat_control_node_latency(call->control, node);
    lat_osc_answer(call, call->path, "sssffffssff", node->name, "latency",
                   "latency", frames, frames, frames, frames, "frames", "",
                   frames, frames);
    return 1;
}

/// What is known of the node when its outputs' values are there.
static void
tell_info(const struct lat_osc_call *call, const char *name,
          const float *values)
{
    const struct lat_node *const node =
        lat_graph_find(lat_control_graph(call->control), name);
    static const enum lat_osc_address_kind rows[] = {
        LAT_ADDRESS_INPUT,  LAT_ADDRESS_LAST,    LAT_ADDRESS_SETTING,
        LAT_ADDRESS_BYPASS, LAT_ADDRESS_PROCESS, LAT_ADDRESS_POLY,
        LAT_ADDRESS_SLEEP};
    uint32_t n = 0;
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        n += tell_kind(call, node, rows[i], values);
    }
    n += info_latency(call, node);
    lat_osc_done_list(call, n);
}

enum lat_status
lat_osc_node_info(struct lat_osc_call *call)
{
    const char *name = NULL;
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "NAME", &name);
    }
    if (status) {
        return status;
    }
    struct lat_voice v = {
        .node = lat_control_need_node(call->control, name, &call->error)};
    if (!v.node) {
        return LAT_ENOTFOUND;
    }
    return lat_osc_ask_outputs(call, &v, 0, v.node->layout->n_out, tell_info);
}

static void
collect_nodes(const struct lat_osc_call *call, struct lat_osc_paths *out)
{
    const struct lat_graph *const g = lat_control_graph(call->control);
    for (const struct lat_node *n = g->first; n; n = n->next) {
        lat_osc_paths_add(out, n->name);
    }
}

static bool
tell_node(const struct lat_osc_call *call, const char *item)
{
    const struct lat_node *const n =
        lat_graph_find(lat_control_graph(call->control), item);
    if (n) {
        lat_osc_answer(call, call->path, "ss", n->name, n->type->name);
    }
    return n;
}

const struct lat_osc_list lat_osc_nodes_list = {collect_nodes, tell_node};

static bool
tell_load(const struct lat_osc_call *call, const char *item)
{
    const struct lat_node *const n =
        lat_graph_find(lat_control_graph(call->control), item);
    if (n) {
        lat_osc_answer(call, call->path, "sf", n->name,
                       lat_control_node_load(call->control, n));
    }
    return n;
}

const struct lat_osc_list lat_osc_load_list = {collect_nodes, tell_load};

static bool
tell_asleep(const struct lat_osc_call *call, const char *item)
{
    const struct lat_node *const node =
        lat_graph_find(lat_control_graph(call->control), item);
    const uint32_t n = node ? lat_control_node_asleep(node) : 0;
    if (n) {
        lat_osc_answer(call, call->path, "si", node->name, (int32_t)n);
    }
    return n;
}

const struct lat_osc_list lat_osc_asleep_list = {collect_nodes, tell_asleep};

/// A cable by its ends: ports by number, since a port may have any name.
static void
add_cable(struct lat_osc_paths *out, const struct lat_cable *c)
{
    char item[2 * LAT_NAME_MAX + 32];
    snprintf(item, sizeof(item), "%s/%u/%s/%u", c->src->name, c->src_port,
             c->dst->name, c->dst_port);
    lat_osc_paths_add(out, item);
}

static const struct lat_cable *
find_cable(const struct lat_osc_call *call, const char *item)
{
    const struct lat_graph *const g = lat_control_graph(call->control);
    struct lat_osc_words w;
    char path[2 * LAT_NAME_MAX + 40];
    snprintf(path, sizeof(path), "/%s", item);
    if (!lat_osc_split(&w, path)) {
        return NULL;
    }
    const struct lat_node *const src = lat_graph_find(g, w.word[0]);
    const struct lat_node *const dst = lat_graph_find(g, w.word[2]);
    return src && dst ? lat_graph_find_cable(
                            src, (uint32_t)strtoul(w.word[1], NULL, 10), dst,
                            (uint32_t)strtoul(w.word[3], NULL, 10))
                      : NULL;
}

static void
name_ends(const struct lat_cable *c, char src[96], char dst[96])
{
    snprintf(src, 96, "%s/%s", c->src->name,
             c->src->layout->out[c->src_port].name);
    snprintf(dst, 96, "%s/%s", c->dst->name,
             c->dst->layout->in[c->dst_port].name);
}

static void
collect_late(const struct lat_osc_call *call, struct lat_osc_paths *out)
{
    const struct lat_graph *const g = lat_control_graph(call->control);
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        if (lat_control_is_late(c)) {
            add_cable(out, c);
        }
    }
}

static bool
tell_late(const struct lat_osc_call *call, const char *item)
{
    const struct lat_cable *const c = find_cable(call, item);
    struct lat_engine_status e;
    if (!c || !lat_control_is_late(c)) {
        return false;
    }
    char src[96];
    char dst[96];
    lat_engine_status(lat_control_engine(call->control), &e);
    name_ends(c, src, dst);
    lat_osc_answer(call, call->path, "ssi", src, dst, (int32_t)e.period);
    return true;
}

const struct lat_osc_list lat_osc_late_list = {collect_late, tell_late};

static void
collect_cables(const struct lat_osc_call *call, struct lat_osc_paths *out)
{
    const struct lat_graph *const g = lat_control_graph(call->control);
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        add_cable(out, c);
    }
}

static bool
tell_cable(const struct lat_osc_call *call, const char *item)
{
    const struct lat_cable *const c = find_cable(call, item);
    if (!c) {
        return false;
    }
    char src[96];
    char dst[96];
    name_ends(c, src, dst);
    lat_osc_answer(call, call->path, "ssfs", src, dst, (double)c->amount,
                   c->is_feedback ? "feedback" : "signal");
    return true;
}

const struct lat_osc_list lat_osc_cables_list = {collect_cables, tell_cable};

/// A batch that is being put together.
struct batch {
    const struct lat_osc_call *call;
    lo_message m;
    uint32_t number;
    size_t bytes;
    uint32_t n_messages;
};

static void
send_batch(struct batch *b)
{
    if (b->m) {
        lat_osc_answer_message(b->call, b->call->path, b->m);
        ++b->n_messages;
        b->m = NULL;
    }
}

static void
add_to_batch(void *data, uint32_t batch, const char *node)
{
    struct batch *const b = data;
    if (b->m && (b->number != batch || b->bytes > BATCH_BYTES)) {
        send_batch(b);
    }
    if (!b->m) {
        b->m = lo_message_new();
        b->number = batch;
        b->bytes = 0;
        if (!b->m) {
            return;
        }
        lo_message_add_int32(b->m, (int32_t)batch);
    }
    lo_message_add_string(b->m, node);
    b->bytes += strlen(node) + 5;
}

enum lat_status
lat_osc_graph_batches(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    struct batch batch = {.call = call};
    if (lat_control_batches(call->control, add_to_batch, &batch)) {
        return lat_error_set(&call->error, LAT_ENOMEM, "out of memory");
    }
    send_batch(&batch);
    lat_osc_done_list(call, batch.n_messages);
    return LAT_OK;
}

enum lat_status
lat_osc_graph_types(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    uint32_t n = 0;
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        lat_osc_answer(call, call->path, "ss", (*t)->name,
                       (*t)->doc ? (*t)->doc : "");
        ++n;
    }
    lat_osc_done_list(call, n);
    return LAT_OK;
}
