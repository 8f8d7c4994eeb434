// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an address of feedback gives now.

#include "feedback_state.h"
#include "node/curve.h"
#include "node/transport.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

/// What an item gives now.
struct reading {
    char type; ///< f i h d s b, or 0: nothing yet
    double number;
    const char *text; ///< s
};

static uint64_t
hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *text; ++text) {
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3); // FNV-1a
    }
    return h;
}

/// An input's value, on its way too.
static double
value_now(const struct lat_osc_feedback *f,
          const struct lat_feedback_item *item, bool *is_moving)
{
    return (double)lat_control_value_now(f->control, item->node, item->port,
                                         item->voice, is_moving);
}

static struct reading
read_setting(struct lat_osc_feedback *f, const struct lat_feedback_item *item)
{
    struct lat_value value = {0};
    struct lat_error error;
    const char *const name = item->node->type->settings[item->port].name;
    if (lat_control_param_get(f->control, item->node->name, name, f->text,
                              sizeof(f->text), &value, &error)) {
        return (struct reading){0};
    }
    return value.is_text ? (struct reading){'s', 0.0, value.text}
                         : (struct reading){'f', value.number, NULL};
}

/// What a node in a process of its own gives, which tells it by itself.
static struct reading
read_outside(struct lat_osc_feedback *f, struct lat_feedback_item *item)
{
    const struct lat_outside *const o = lat_control_outside(f->control);
    const uint32_t i = item->port;
    if (!o) {
        return (struct reading){0};
    }
    if (item->kind == LAT_ADDRESS_SAMPLE) {
        return (struct reading){'f', (double)o->last(o->data, item->node, i),
                                NULL};
    }
    if (item->kind == LAT_ADDRESS_SCOPE) {
        item->is_due =
            o->scope(o->data, item->node, i, f->samples, LAT_FEEDBACK_SCOPE);
        return (struct reading){item->is_due ? 'b' : '\0', 0.0, NULL};
    }
    if (!o->level(o->data, item->node, i, &item->heard)) {
        return (struct reading){0};
    }
    return (struct reading){'f',
                            item->kind == LAT_ADDRESS_PEAK
                                ? (double)item->heard.peak
                                : sqrt((double)item->heard.mean_square),
                            NULL};
}

static struct reading
read_output(struct lat_osc_feedback *f, struct lat_feedback_item *item)
{
    struct lat_feedback_watch *const w = item->watch;
    if (!w) {
        return read_outside(f, item);
    }
    if (item->kind == LAT_ADDRESS_SCOPE) {
        item->is_due = w->is_new; // be it the same
        w->is_new = false;
        memcpy(f->samples, w->samples, sizeof(f->samples));
        return (struct reading){item->is_due ? 'b' : '\0', 0.0, NULL};
    }
    return (struct reading){w->is_new || item->is_told ? 'f' : '\0',
                            (double)w->value, NULL};
}

void
lat_feedback_take_numbers(struct lat_osc_feedback *f)
{
    struct lat_osc_bundle_counts bundles = {0};
    if (f->hooks.count) {
        f->hooks.count(f->hooks.data, &bundles);
    }
    lat_osc_numbers_take(f->control, f->options, &bundles, &f->numbers);
}

static struct reading
read_number(struct lat_osc_feedback *f, const struct lat_feedback_item *item,
            uint64_t now_ns)
{
    if (f->numbers_ns != now_ns) {
        f->numbers_ns = now_ns;
        lat_feedback_take_numbers(f);
    }
    const struct lat_osc_number *const n = &f->numbers.at[item->port];
    switch (n->type) {
    case 's':
        return (struct reading){'s', 0.0, n->text};
    case 'd':
        return (struct reading){'d', n->real, NULL};
    default:
        return (struct reading){n->count <= INT32_MAX ? 'i' : 'h',
                                (double)n->count, NULL};
    }
}

static struct reading
read_item(struct lat_osc_feedback *f, struct lat_feedback_item *item,
          uint64_t now_ns, bool *is_moving)
{
    const struct lat_transport *const t = lat_control_transport(f->control);
    struct lat_engine_status e;
    switch (item->kind) {
    case LAT_ADDRESS_INPUT:
        return (struct reading){'f', value_now(f, item, is_moving), NULL};
    case LAT_ADDRESS_NORM:
        return (struct reading){
            'f',
            lat_curve_to_norm(item->node->layout->in[item->port].port,
                              value_now(f, item, is_moving)),
            NULL};
    case LAT_ADDRESS_SETTING:
        return read_setting(f, item);
    case LAT_ADDRESS_BYPASS:
        return (struct reading){'i', item->node->is_bypassed, NULL};
    case LAT_ADDRESS_POLY:
        return (struct reading){'i', item->node->poly, NULL};
    case LAT_ADDRESS_SLEEP:
        return (struct reading){'i', lat_node_sleeps(item->node), NULL};
    case LAT_ADDRESS_PROCESS:
        return (struct reading){
            's', 0.0,
            lat_control_wants_process(f->control, item->node) ? "own"
                                                              : "engine"};
    case LAT_ADDRESS_AMOUNT:
        return (struct reading){'f', (double)item->cable->amount, NULL};
    case LAT_ADDRESS_TEMPO:
        return (struct reading){'f', t->tempo_bpm, NULL};
    case LAT_ADDRESS_PLAYING:
        return (struct reading){'i', t->is_playing, NULL};
    case LAT_ADDRESS_POSITION:
        lat_engine_status(lat_control_engine(f->control), &e);
        return (struct reading){'f', lat_cycle_to_double(e.cycle), NULL};
    case LAT_ADDRESS_NUMBER:
        return read_number(f, item, now_ns);
    default:
        return read_output(f, item);
    }
}

static lo_message
make_message(const struct lat_osc_feedback *f, const struct reading *r)
{
    lo_message m = lo_message_new();
    if (!m) {
        return NULL;
    }
    switch (r->type) {
    case 'f':
        lo_message_add_float(m, (float)r->number);
        break;
    case 'd':
        lo_message_add_double(m, r->number);
        break;
    case 'i':
        lo_message_add_int32(m, (int32_t)r->number);
        break;
    case 'h':
        lo_message_add_int64(m, (int64_t)r->number);
        break;
    case 's':
        lo_message_add_string(m, r->text);
        break;
    default: {
        uint32_t bits[LAT_FEEDBACK_SCOPE];
        memcpy(bits, f->samples, sizeof(bits));
        for (uint32_t i = 0; i < LAT_FEEDBACK_SCOPE; ++i) {
            bits[i] = htonl(bits[i]);
        }
        lo_blob blob = lo_blob_new(sizeof(bits), bits);
        lo_message_add_blob(m, blob);
        lo_blob_free(blob);
        break;
    }
    }
    return m;
}

lo_message
lat_feedback_read(struct lat_osc_feedback *f, struct lat_feedback_item *item,
                  uint64_t now_ns, bool *is_moving)
{
    const struct reading r = read_item(f, item, now_ns, is_moving);
    const uint64_t text = r.type == 's' ? hash(r.text) : 0;
    const bool is_new = item->is_due || !item->is_told ||
                        item->told != r.number || item->told_text != text;
    lo_message m = r.type && is_new ? make_message(f, &r) : NULL;
    if (m) {
        item->is_due = false;
        item->is_told = true;
        item->told = r.number;
        item->told_text = text;
    }
    return m;
}
