// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lists: one message an item on the address that was asked, then
// /done ADDRESS COUNT.

#include "control/latency.h"
#include "node/common_settings.h"
#include "outputs.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

/// Names of a batch go into one message up to this many bytes, so that a
/// datagram stays whole on any network.
#define BATCH_BYTES 1300

static const char *
kind_name(enum lat_port_kind kind)
{
    static const char *const names[] = {
        [LAT_PORT_SIGNAL] = "signal",
        [LAT_PORT_KNOB] = "knob",
        [LAT_PORT_GATE] = "gate",
        [LAT_PORT_TRIGGER] = "trigger",
    };
    return names[kind];
}

static const char *
curve_name(enum lat_curve curve)
{
    static const char *const names[] = {
        [LAT_CURVE_LIN] = "lin",
        [LAT_CURVE_EXP] = "exp",
        [LAT_CURVE_CONSOLE] = "console",
    };
    return names[curve];
}

static void
answer_port(const struct lat_osc_call *call, const struct lat_node *node,
            const struct lat_port_info *info, const char *kind, double value)
{
    const struct lat_port *const p = info->port;
    lat_osc_answer(call, call->path, "sssffffssff", node->name, info->name,
                   kind, value, (double)p->min, (double)p->max,
                   (double)p->initial, p->unit ? p->unit : "",
                   curve_name(p->curve), (double)p->low, (double)p->high);
}

static void
add_setting_value(lo_message m, const struct lat_setting *setting,
                  double number, const char *text)
{
    if (text) {
        lo_message_add_string(m, text);
    } else if (setting->kind == LAT_SETTING_NUMBER ||
               setting->kind == LAT_SETTING_INTEGER) {
        lo_message_add_float(m, (float)number);
    } else {
        lo_message_add_string(m, "");
    }
}

static void
info_setting(const struct lat_osc_call *call, const struct lat_node *node,
             const struct lat_setting *s, const struct lat_setting_value *v)
{
    size_t size = 0;
    char *const shown = lat_osc_scratch(call, &size);
    lo_message m = lo_message_new();
    if (!m) {
        return;
    }
    lo_message_add_string(m, node->name);
    lo_message_add_string(m, s->name);
    lo_message_add_string(m, "setting");
    add_setting_value(m, s, v->number,
                      v->text ? lat_osc_shorten(v->text, shown, size) : NULL);
    lo_message_add_float(m, (float)s->min);
    lo_message_add_float(m, (float)s->max);
    add_setting_value(m, s, s->initial, s->initial_text);
    lo_message_add_string(m, s->unit ? s->unit : "");
    lo_message_add_string(m, "");
    // There is no fader for it but one over all that it may be.
    lo_message_add_float(m, (float)s->min);
    lo_message_add_float(m, (float)s->max);
    for (uint32_t i = 0; s->words && s->words[i]; ++i) {
        lo_message_add_string(m, s->words[i]);
    }
    lat_osc_answer_message(call, call->path, m);
}

/// Settings of the type, then those that all nodes have.
static uint32_t
info_settings(const struct lat_osc_call *call, const struct lat_node *node)
{
    const struct lat_setting *common = NULL;
    char word[16]; // both are off or on, in this order
    uint32_t n = 0;
    for (; n < node->type->n_settings; ++n) {
        info_setting(call, node, &node->type->settings[n], &node->settings[n]);
    }
    for (uint32_t i = 0; (common = lat_common_setting(node->type, i)); ++i) {
        const bool is_on = strcmp(common->name, LAT_BYPASS_SETTING) == 0
                               ? node->is_bypassed
                               : lat_control_wants_process(call->control, node);
        snprintf(word, sizeof(word), "%s", common->words[is_on]);
        info_setting(call, node, common,
                     &(struct lat_setting_value){.text = word});
        ++n;
    }
    return n;
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
    uint32_t n = 0;
    for (; n < node->layout->n_in; ++n) {
        const struct lat_port_info *const info = &node->layout->in[n];
        answer_port(call, node, info, kind_name(info->port->kind),
                    (double)node->in[n].value);
    }
    for (uint32_t i = 0; i < node->layout->n_out; ++i, ++n) {
        answer_port(call, node, &node->layout->out[i], "out",
                    (double)values[i]);
    }
    n += info_settings(call, node);
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
    const struct lat_node *const node =
        lat_control_need_node(call->control, name, &call->error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    return lat_osc_ask_outputs(call, node, 0, node->layout->n_out, tell_info);
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
