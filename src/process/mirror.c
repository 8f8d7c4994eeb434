// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "mirror.h"
#include "base/text.h"
#include "control/control.h"
#include "jack/names.h"
#include "node/common_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK "clock"

struct lat_told_cable {
    uint64_t src_id;
    uint32_t src_port;
    char input[LAT_NAME_PART_MAX + 1]; ///< of the node; by name, since settings
                                       ///< may move it
    bool is_feedback, is_within, is_cv;
    float amount;
    uint32_t number; ///< of the port: 1 is PORT itself, then PORT_2, …
    bool is_seen;    ///< scratch
};

void
lat_told_forget(struct lat_told *t)
{
    lat_settings_free(t->type, t->settings);
    free(t->values);
    free(t->cables);
    t->settings = NULL;
    t->values = NULL;
    t->cables = NULL;
    t->n_cables = 0;
    t->layout = NULL;
}

enum lat_status
lat_told_remember(struct lat_told *t, const struct lat_node *node)
{
    struct lat_setting_value *settings =
        lat_settings_copy(node->type, node->settings);
    float *values = calloc(node->layout->n_in + (size_t)1, sizeof(*values));
    if (!settings || !values) {
        lat_settings_free(node->type, settings);
        free(values);
        return LAT_ENOMEM;
    }
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        values[i] = lat_input_value(&node->in[i], 0);
    }
    lat_settings_free(t->type, t->settings);
    free(t->values);
    t->type = node->type;
    t->settings = settings;
    t->values = values;
    t->layout = node->layout;
    t->is_bypassed = node->is_bypassed;
    return LAT_OK;
}

static void
port_name(const struct lat_told_cable *c, char *out, size_t size)
{
    if (c->number < 2) {
        snprintf(out, size, "%s", c->input);
    } else {
        snprintf(out, size, "%s_%u", c->input, c->number);
    }
}

/// Where the other side of a cable ends, in the process's own graph.
static void
ends_of(const struct lat_node *node, const struct lat_told_cable *c, char *from,
        char *to, size_t size)
{
    char port[64];
    if (c->is_within) {
        snprintf(from, size, "%s/%s", node->name,
                 node->layout->out[c->src_port].name);
    } else {
        port_name(c, port, sizeof(port));
        snprintf(from, size, "in.%s", port);
    }
    snprintf(to, size, "%s/%s", node->name, c->input);
}

static void
send_cable(struct lat_osc_sender *s, const struct lat_node *node,
           const struct lat_told_cable *c)
{
    char from[128];
    char to[128];
    ends_of(node, c, from, to, sizeof(from));
    if (!c->is_within) {
        lat_osc_sender_add(s, "/node/new", "ssssss", "port_in", from, "port",
                           from + strlen("in."), "signal",
                           c->is_cv ? "cv" : "audio");
    }
    lat_osc_sender_add(
        s, c->is_within && c->is_feedback ? "/connect/feedback" : "/connect",
        "ssd", from, to, (double)c->amount);
}

static void
send_cut(struct lat_osc_sender *s, const struct lat_node *node,
         const struct lat_told_cable *c)
{
    char from[128];
    char to[128];
    ends_of(node, c, from, to, sizeof(from));
    lat_osc_sender_add(s, "/disconnect", "ss", from, to);
    const bool is_base = c->number < 2 && !c->is_cv;
    if (!c->is_within && !is_base) {
        lat_osc_sender_add(s, "/node/free", "s", from);
    }
}

static bool
is_same_cable(const struct lat_told_cable *a, const struct lat_told_cable *b)
{
    return a->src_id == b->src_id && a->src_port == b->src_port &&
           strcmp(a->input, b->input) == 0 && a->is_feedback == b->is_feedback;
}

static struct lat_told_cable *
find_told(const struct lat_told *t, const struct lat_told_cable *c)
{
    for (uint32_t i = 0; i < t->n_cables; ++i) {
        if (is_same_cable(&t->cables[i], c)) {
            return &t->cables[i];
        }
    }
    return NULL;
}

/// The port PORT is for a cable that is not scaled; all others get one more.
static uint32_t
free_number(const struct lat_told *t, const struct lat_told_cable *c)
{
    uint32_t number = c->amount == 1.0F ? 1 : 2;
    for (uint32_t i = 0; i < t->n_cables; ++i) {
        if (strcmp(t->cables[i].input, c->input) == 0 &&
            !t->cables[i].is_within && t->cables[i].number == number) {
            ++number;
            i = UINT32_MAX; // look at all again
        }
    }
    return number;
}

static struct lat_told_cable *
add_told(struct lat_told *t, const struct lat_told_cable *c)
{
    struct lat_told_cable *grown =
        realloc(t->cables, (t->n_cables + (size_t)1) * sizeof(*grown));
    if (!grown) {
        return NULL;
    }
    t->cables = grown;
    grown[t->n_cables] = *c;
    grown[t->n_cables].number = c->is_within ? 0 : free_number(t, c);
    return &grown[t->n_cables++];
}

static struct lat_told_cable
describe(const struct lat_node *node, const struct lat_cable *k)
{
    const struct lat_port_info *in = &node->layout->in[k->dst_port];
    struct lat_told_cable c = {
        .src_id = k->src->id,
        .src_port = k->src_port,
        .is_feedback = k->is_feedback,
        .is_within = k->src == k->dst,
        .is_cv = in->port->kind != LAT_PORT_SIGNAL,
        .amount = k->amount,
    };
    snprintf(c.input, sizeof(c.input), "%s", in->name);
    return c;
}

/// Bring one cable of the graph up to date in the process.
/// @return LAT_OK, or LAT_ENOMEM when it is as it was.
static enum lat_status
tell_cable(struct lat_osc_sender *s, struct lat_told *t,
           const struct lat_node *node, const struct lat_cable *k)
{
    const struct lat_told_cable now = describe(node, k);
    struct lat_told_cable *c = find_told(t, &now);
    if (!c) {
        c = add_told(t, &now);
        if (c) {
            send_cable(s, node, c);
        }
    } else if (c->amount != now.amount) {
        c->amount = now.amount;
        send_cable(s, node, c); // connecting again sets the amount
    }
    if (!c) {
        return LAT_ENOMEM;
    }
    c->is_seen = true;
    return LAT_OK;
}

/// Cut what is no longer in the graph first: its port may be wanted.
static enum lat_status
tell_cables(struct lat_osc_sender *s, struct lat_told *t,
            const struct lat_node *node)
{
    for (uint32_t i = 0; i < t->n_cables; ++i) {
        t->cables[i].is_seen = false;
    }
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        for (const struct lat_cable *k = lat_input_first(&node->in[i]); k;
             k = k->next_in) {
            const struct lat_told_cable now = describe(node, k);
            struct lat_told_cable *c = find_told(t, &now);
            if (c) {
                c->is_seen = true;
            }
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < t->n_cables; ++i) {
        if (t->cables[i].is_seen) {
            t->cables[kept++] = t->cables[i];
        } else {
            send_cut(s, node, &t->cables[i]);
        }
    }
    t->n_cables = kept;
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        for (const struct lat_cable *k = lat_input_first(&node->in[i]); k;
             k = k->next_in) {
            const enum lat_status told = tell_cable(s, t, node, k);
            status = status ? status : told;
        }
    }
    return status;
}

static void
tell_setting(struct lat_osc_sender *s, const struct lat_node *node, uint32_t i)
{
    const struct lat_setting_value *v = &node->settings[i];
    const char *text = v->path ? v->path : v->text; // found here
    if (text) {
        lat_osc_sender_add(s, "/node/set", "sss", node->name,
                           node->type->settings[i].name, text);
    } else {
        lat_osc_sender_add(s, "/node/set", "ssd", node->name,
                           node->type->settings[i].name, v->number);
    }
}

enum lat_status
lat_told_update(struct lat_told *t, const struct lat_node *node,
                bool with_values, struct lat_osc_sender *s)
{
    enum lat_status status = LAT_OK;
    bool has_changed = false;
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        if (!lat_setting_equals(&node->settings[i], &t->settings[i])) {
            tell_setting(s, node, i);
            has_changed = true;
        }
    }
    for (uint32_t i = 0; with_values && i < node->layout->n_in; ++i) {
        if (node->layout->in[i].port->kind != LAT_PORT_TRIGGER &&
            (node->layout != t->layout ||
             lat_input_value(&node->in[i], 0) != t->values[i])) {
            lat_osc_sender_add(s, "/node/set", "ssd", node->name,
                               node->layout->in[i].name,
                               (double)lat_input_value(&node->in[i], 0));
            has_changed = true;
        }
    }
    if (node->is_bypassed != t->is_bypassed) {
        lat_osc_sender_add(s, "/node/set", "sss", node->name,
                           LAT_BYPASS_SETTING,
                           node->is_bypassed ? "yes" : "no");
        has_changed = true;
    }
    if (has_changed || node->layout != t->layout) {
        status = lat_told_remember(t, node);
    }
    const enum lat_status cables = tell_cables(s, t, node);
    return status ? status : cables;
}

// Connections.

/// CLIENT:PORT of a process.
static void
outer_name(const struct lat_told_where *where, const struct lat_node *node,
           const char *port, char *out, size_t size)
{
    snprintf(out, size, "%s%s:%s", where->prefix, node->name, port);
}

static void
cable_input(struct lat_cable_plan *plan, const struct lat_told *t,
            const struct lat_told_where *where, const struct lat_node *node,
            const struct lat_cable *k)
{
    const struct lat_told_cable now = describe(node, k);
    const struct lat_told_cable *c = find_told(t, &now);
    char from[200];
    char to[200];
    char port[64];
    if (!c || c->is_within) {
        return;
    }
    port_name(c, port, sizeof(port));
    outer_name(where, node, port, to, sizeof(to));
    const char *output = k->src->layout->out[k->src_port].name;
    if (lat_control_is_away(k->src)) {
        outer_name(where, k->src, output, from, sizeof(from));
    } else {
        snprintf(from, sizeof(from), "send/%s/%s%s", k->src->name, output,
                 k->is_feedback ? "/feedback" : "");
    }
    (void)lat_cable_plan_add(plan, from, to,
                             lat_control_is_away(k->src) && k->is_feedback
                                 ? LAT_RANK_BACKWARD
                                 : LAT_RANK_FORWARD);
}

static void
cable_outputs(struct lat_cable_plan *plan, const struct lat_told_where *where,
              const struct lat_node *node)
{
    for (uint32_t i = 0; i < node->layout->n_out; ++i) {
        if (lat_control_returns(node, i)) {
            char from[200];
            char to[160];
            const char *output = node->layout->out[i].name;
            outer_name(where, node, output, from, sizeof(from));
            snprintf(to, sizeof(to), "return/%s/%s", node->name, output);
            (void)lat_cable_plan_add(plan, from, to, LAT_RANK_RETURN);
        }
    }
}

/// @param called  what people read.
static void
add_label(struct lat_cable_plan *plan, const struct lat_told_where *where,
          const struct lat_node *node, const char *port, const char *called,
          bool is_grouped, bool is_cv)
{
    struct lat_port_label label = {.is_cv = is_cv, .node = node->id};
    outer_name(where, node, port, label.port, sizeof(label.port));
    snprintf(label.own, sizeof(label.own), "%s/%s", node->name, port);
    if (strcmp(port, called) != 0 || strchr(called, '_')) {
        snprintf(label.pretty, sizeof(label.pretty), "%s", called);
    }
    lat_name_spell_out(label.pretty);
    if (is_grouped) {
        snprintf(label.group, sizeof(label.group), "%s", node->name);
    }
    (void)lat_cable_plan_add_label(plan, &label);
}

/// Is this the only port of its input?  A signal input has one without cables.
static bool
is_only_port(const struct lat_told *t, const struct lat_told_cable *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_cables; ++i) {
        n += !t->cables[i].is_within &&
             strcmp(t->cables[i].input, c->input) == 0;
    }
    return n == 1 && c->is_cv;
}

static bool
feeds_knobs(const struct lat_node *node, uint32_t output)
{
    uint32_t n = 0;
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        if (k->src_port != output || k->dst == node) {
            continue;
        }
        if (k->dst->layout->in[k->dst_port].port->kind == LAT_PORT_SIGNAL) {
            return false;
        }
        ++n;
    }
    return n > 0;
}

static void
label_ports(struct lat_cable_plan *plan, const struct lat_told *t,
            const struct lat_told_where *where, const struct lat_node *node)
{
    const struct lat_layout *l = node->layout;
    for (uint32_t i = 0; i < l->n_in; ++i) {
        if (l->in[i].port->kind == LAT_PORT_SIGNAL) {
            const char *name = l->in[i].name;
            add_label(plan, where, node, name, name, false, false);
        }
    }
    for (uint32_t k = 0; k < t->n_cables; ++k) {
        const struct lat_told_cable *c = &t->cables[k];
        char name[64];
        port_name(c, name, sizeof(name));
        if (!c->is_within && (c->number > 1 || c->is_cv)) {
            add_label(plan, where, node, name,
                      is_only_port(t, c) ? c->input : name, false, c->is_cv);
        }
    }
    for (uint32_t i = 0; i < l->n_out; ++i) {
        const char *name = l->out[i].name;
        add_label(plan, where, node, name, name, l->n_out > 1,
                  feeds_knobs(node, i));
    }
    add_label(plan, where, node, CLOCK, CLOCK, false, false);
}

void
lat_told_cables(const struct lat_told *t, const struct lat_node *node,
                const struct lat_told_where *where, struct lat_cable_plan *plan)
{
    char clock[200];
    outer_name(where, node, CLOCK, clock, sizeof(clock));
    (void)lat_cable_plan_add(plan, CLOCK, clock, LAT_RANK_CLOCK);
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        for (const struct lat_cable *k = lat_input_first(&node->in[i]); k;
             k = k->next_in) {
            if (!lat_control_is_away(k->src) ||
                where->is_there(where->data, k->src)) {
                cable_input(plan, t, where, node, k);
            }
        }
    }
    cable_outputs(plan, where, node);
    label_ports(plan, t, where, node);
}
