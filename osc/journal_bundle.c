// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "journal_bundle.h"
#include "graph/voice.h"
#include "strike.h"
#include "words.h"

#include <lo/lo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "#bundle\0\0\0\0\0\0\0\0"

#define MIDDLE_C 60.0

/// The port that MIDI comes in by.
#define MIDI_PORT "midi_in"

static void
append(struct lat_journal_bundle *b, const void *bytes, size_t size)
{
    if (b->is_out_of_memory) {
        return;
    }
    if (b->size + size > b->capacity) {
        const size_t wanted = 2 * (b->size + size);
        uint8_t *const grown = realloc(b->bytes, wanted);
        if (!grown) {
            b->is_out_of_memory = true;
            return;
        }
        b->bytes = grown;
        b->capacity = wanted;
    }
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
}

void
lat_journal_add(struct lat_journal_bundle *b, const char *path, lo_message m)
{
    size_t size = 0;
    void *const packet = m ? lo_message_serialise(m, path, NULL, &size) : NULL;
    lo_message_free(m);
    if (!packet) {
        b->is_out_of_memory = true;
        return;
    }
    const uint8_t length[4] = {
        (uint8_t)(size >> 24U),
        (uint8_t)(size >> 16U),
        (uint8_t)(size >> 8U),
        (uint8_t)size,
    };
    if (b->size == 0) {
        append(b, HEADER, sizeof(HEADER));
    }
    append(b, length, sizeof(length));
    append(b, packet, size);
    free(packet);
}

void
lat_journal_bundle_fini(struct lat_journal_bundle *b)
{
    free(b->bytes);
    *b = (struct lat_journal_bundle){0};
}

// Names.

/// What a node is called when change number @p i is made.
static const char *
name_of(const struct lat_journal_changes *c, uint32_t i,
        const struct lat_node *node)
{
    for (uint32_t k = i + 1; k < c->changes->n; ++k) {
        const struct lat_change *const later = &c->changes->entries[k];
        if (later->kind == LAT_CHANGE_NODE_RENAMED && later->node == node) {
            return later->old_name;
        }
    }
    return node->name;
}

/// What a node's settings are once change number @p i is made.
static const struct lat_setting_value *
settings_of(const struct lat_journal_changes *c, uint32_t i,
            const struct lat_node *node)
{
    for (uint32_t k = i + 1; k < c->changes->n; ++k) {
        const struct lat_change *const later = &c->changes->entries[k];
        if (later->kind == LAT_CHANGE_SETTINGS && later->node == node) {
            return later->old_settings;
        }
    }
    return node->settings;
}

/// Where a node that is given a number listened then.
static const char *
path_of(const struct lat_journal_changes *c, uint32_t i)
{
    const struct lat_node *const node = c->changes->entries[i].node;
    const int path = lat_setting_index(node->type, "path");
    return settings_of(c, i, node)[path].text;
}

/// Is it said by the change before?  Several nodes may listen at one path.
static bool
is_said(const struct lat_journal_changes *c, uint32_t i)
{
    const struct lat_change *const change = &c->changes->entries[i];
    return change->kind == LAT_CHANGE_NUMBER && i > 0 &&
           change[-1].kind == LAT_CHANGE_NUMBER &&
           change[-1].number == change->number &&
           strcmp(path_of(c, i - 1), path_of(c, i)) == 0;
}

/// Can a node of that type be made by a message?  Not what a newer lattice's
/// session holds.
static bool
is_known(const struct lat_node *node)
{
    return lat_node_type_find(node->type->name) == node->type;
}

/// Is it about something that no message can make?
static bool
is_unknown(const struct lat_change *change)
{
    const struct lat_node *const node = change->node;
    const struct lat_cable *const cable = change->cable;
    return node ? !is_known(node)
                : cable && (!is_known(cable->src) || !is_known(cable->dst));
}

/// The ports of a cable: those that it had as it was removed, or has now.
static void
find_ports(const struct lat_journal_changes *c, uint32_t i,
           const struct lat_port_info **src, const struct lat_port_info **dst)
{
    const struct lat_cable *const k = c->changes->entries[i].cable;
    for (; i < c->changes->n; ++i) {
        const struct lat_change *const e = &c->changes->entries[i];
        if (e->kind == LAT_CHANGE_CABLE_REMOVED && e->cable == k) {
            *src = e->src_port;
            *dst = e->dst_port;
            return;
        }
    }
    *src = &k->src->layout->out[k->src_port];
    *dst = &k->dst->layout->in[k->dst_port];
}

// Messages.

/// What is on its way is not yet heard, and what could not be read never is.
static bool
is_awaited(const struct lat_control *control, const struct lat_node *node,
           uint32_t i)
{
    const enum lat_readiness is =
        node->type->settings[i].prepare
            ? lat_control_readiness(control, node, i, NULL)
            : LAT_DATA_HERE;
    return is == LAT_DATA_COMING || is == LAT_DATA_FAILED;
}

static void
add_settings(lo_message m, const struct lat_journal_changes *c, uint32_t change)
{
    const struct lat_node *const node = c->changes->entries[change].node;
    const struct lat_setting_value *const all = settings_of(c, change, node);
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        const struct lat_setting_value *const s = &all[i];
        const bool is_file =
            node->type->settings[i].kind == LAT_SETTING_FILE && s->path;
        if (is_awaited(c->control, node, i)) {
            continue;
        }
        lo_message_add_string(m, node->type->settings[i].name);
        if (s->text) {
            lo_message_add_string(m, is_file ? s->path : s->text);
        } else {
            lo_message_add_double(m, s->number);
        }
    }
}

static void
add_end(lo_message m, const char *node, const struct lat_port_info *port)
{
    char text[LAT_OSC_PATH_MAX];
    snprintf(text, sizeof(text), "%s/%s", node, port->name);
    lo_message_add_string(m, text);
}

static const char *
add_cable_message(lo_message m, const struct lat_journal_changes *c, uint32_t i)
{
    const struct lat_change *const change = &c->changes->entries[i];
    const struct lat_cable *const k = change->cable;
    const struct lat_port_info *src = NULL;
    const struct lat_port_info *dst = NULL;
    find_ports(c, i, &src, &dst);
    add_end(m, name_of(c, i, k->src), src);
    add_end(m, name_of(c, i, k->dst), dst);
    if (change->kind == LAT_CHANGE_CABLE_REMOVED) {
        return "/disconnect";
    }
    lo_message_add_double(m, change->wanted);
    return k->is_feedback ? "/connect/feedback" : "/connect";
}

static const char *
add_amount(lo_message m, const struct lat_journal_changes *c, uint32_t i,
           char *buffer)
{
    const struct lat_change *const change = &c->changes->entries[i];
    const struct lat_cable *const k = change->cable;
    const struct lat_port_info *src = NULL;
    const struct lat_port_info *dst = NULL;
    find_ports(c, i, &src, &dst);
    lo_message_add_double(m, change->wanted);
    snprintf(buffer, LAT_OSC_PATH_MAX, "/cable/%s/%s/%s/%s",
             name_of(c, i, k->src), src->name, name_of(c, i, k->dst),
             dst->name);
    return buffer;
}

static void
add_value(lo_message m, const struct lat_change *change)
{
    lo_message_add_double(m, change->number);
    if (change->seconds >= 0.0) {
        lo_message_add_double(m, change->seconds);
    }
}

static const char *
put_value_path(const struct lat_change *change, const char *name, char *buffer)
{
    char voice[LAT_VOICE_NAME_MAX];
    snprintf(buffer, LAT_OSC_PATH_MAX, "/node/%s/%s",
             lat_voice_name(name, change->voice, voice),
             change->node->layout->in[change->input].name);
    return buffer;
}

/// Put the arguments of a change into @p m.
/// @param buffer  LAT_OSC_PATH_MAX bytes for the path.
/// @return its path, or NULL where no message makes it again.
static const char *
fill(lo_message m, const struct lat_journal_changes *c, uint32_t i,
     char *buffer)
{
    const struct lat_change *const change = &c->changes->entries[i];
    const struct lat_node *const node = change->node;
    const char *const name = node ? name_of(c, i, node) : "";
    switch (change->kind) {
    case LAT_CHANGE_NODE_ADDED:
        lo_message_add_string(m, node->type->name);
        lo_message_add_string(m, name);
        add_settings(m, c, i);
        return "/node/new";
    case LAT_CHANGE_NODE_REMOVED:
        lo_message_add_string(m, name);
        return "/node/free";
    case LAT_CHANGE_NODE_RENAMED:
        lo_message_add_string(m, change->old_name);
        lo_message_add_string(m, name);
        return "/node/rename";
    case LAT_CHANGE_CABLE_ADDED:
    case LAT_CHANGE_CABLE_REMOVED:
        return add_cable_message(m, c, i);
    case LAT_CHANGE_VALUE:
        add_value(m, change);
        return put_value_path(change, name, buffer);
    case LAT_CHANGE_AMOUNT:
        return add_amount(m, c, i, buffer);
    case LAT_CHANGE_SETTINGS:
        lo_message_add_string(m, name);
        add_settings(m, c, i);
        return lo_message_get_argc(m) > 1 ? "/node/set" : NULL;
    case LAT_CHANGE_BYPASS:
        lo_message_add_int32(m, node->is_bypassed);
        snprintf(buffer, LAT_OSC_PATH_MAX, "/node/%s/bypass", name);
        return buffer;
    case LAT_CHANGE_POLY:
        lo_message_add_int32(m, (int32_t)change->number);
        snprintf(buffer, LAT_OSC_PATH_MAX, "/node/%s/poly", name);
        return buffer;
    case LAT_CHANGE_SLEEP:
        lo_message_add_int32(m, lat_node_sleeps(node));
        snprintf(buffer, LAT_OSC_PATH_MAX, "/node/%s/sleep", name);
        return buffer;
    case LAT_CHANGE_NOTE:
        lo_message_add_string(m, name);
        lo_message_add_double(m, change->number + MIDDLE_C);
        lo_message_add_double(m, change->velocity);
        lo_message_add_double(m, change->seconds);
        return "/note";
    case LAT_CHANGE_NUMBER:
        lo_message_add_double(m, change->number);
        return path_of(c, i);
    case LAT_CHANGE_STRIKE:
        lat_osc_strike_put(m, name, change->strike);
        return "/strike";
    case LAT_CHANGE_TEMPO:
        lo_message_add_double(m, change->number);
        return "/transport/tempo";
    case LAT_CHANGE_PLAY:
        return change->number != 0.0 ? "/transport/play" : "/transport/stop";
    case LAT_CHANGE_LOCATE:
        lo_message_add_double(m, change->number);
        return "/transport/locate";
    case LAT_CHANGE_PANIC:
        return "/panic";
    default:
        return NULL; // where nodes run: a score has no processes
    }
}

void
lat_journal_add_change(struct lat_journal_bundle *b,
                       const struct lat_journal_changes *c, uint32_t change)
{
    char buffer[LAT_OSC_PATH_MAX];
    if (is_unknown(&c->changes->entries[change]) || is_said(c, change)) {
        return;
    }
    lo_message m = lo_message_new();
    const char *const path = m ? fill(m, c, change, buffer) : "";
    if (path) {
        lat_journal_add(b, path, m);
    } else {
        lo_message_free(m);
    }
}

void
lat_journal_add_awaited(struct lat_journal_bundle *b,
                        const struct lat_control *control)
{
    for (const struct lat_node *n = lat_control_graph(control)->first; n;
         n = n->next) {
        for (uint32_t i = 0; i < n->type->n_settings; ++i) {
            lo_message m = is_awaited(control, n, i) ? lo_message_new() : NULL;
            if (m) {
                lo_message_add_string(m, n->name);
                lo_message_add_string(m, n->type->settings[i].name);
                lo_message_add_string(m, n->type->settings[i].initial_text);
                lat_journal_add(b, "/node/set", m);
            }
        }
    }
}

static void
add_midi(struct lat_journal_bundle *b, const struct lat_midi_event *event)
{
    lo_blob bytes = lo_blob_new(event->size, event->data);
    lo_message m = bytes ? lo_message_new() : NULL;
    if (m) {
        lo_message_add_string(m, MIDI_PORT);
        lo_message_add_blob(m, bytes);
    }
    lat_journal_add(b, "/midi", m);
    lo_blob_free(bytes);
}

static void
add_move(struct lat_journal_bundle *b, const struct lat_transport_move *move)
{
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_int32(m, move->is_playing);
        lo_message_add_double(m, move->tempo_bpm);
        lo_message_add_int64(m, move->anchor.cycle);
        lo_message_add_int64(m, (int64_t)move->anchor.fraction);
        lo_message_add_int64(m, move->first.cycle);
        lo_message_add_int64(m, (int64_t)move->first.fraction);
        lo_message_add_int32(m, (int32_t)move->n_locates);
        lo_message_add_int32(m, (int32_t)move->n_breaks);
    }
    lat_journal_add(b, "/transport/followed", m);
}

void
lat_journal_add_record(struct lat_journal_bundle *b,
                       const struct lat_record *record)
{
    if (record->kind == LAT_RECORD_MIDI) {
        add_midi(b, &record->midi);
    } else if (record->kind == LAT_RECORD_MOVED) {
        add_move(b, &record->moved);
    }
}
