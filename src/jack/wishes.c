// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "wishes.h"
#include "hosted.h"

#include <string.h>

/// Is its node there?  That of another may be fading out.
static bool
is_of_graph(const struct lat_jack *j, const struct lat_slot *d)
{
    const struct lat_node *const node =
        d->refs ? lat_graph_find(lat_control_graph(j->control), d->node) : NULL;
    const uint32_t flag = d->is_midi     ? LAT_TYPE_MIDI_OUT
                          : d->is_output ? LAT_TYPE_DEVICE_OUT
                                         : LAT_TYPE_DEVICE_IN;
    return node && (node->type->flags & flag);
}

static const struct lat_slot *
first_output(const struct lat_jack *j, const struct lat_slot *slots)
{
    const struct lat_slot *first = NULL;
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        const struct lat_slot *d = &slots[i];
        if (d->refs && d->is_output && !d->is_cv && !d->is_midi &&
            !d->is_plain && (!first || d->order < first->order) &&
            is_of_graph(j, d)) {
            first = d;
        }
    }
    return first;
}

static const struct lat_line *
session_lines(const struct lat_jack *j)
{
    return lat_control_document(j->control)->jack;
}

/// Has a line or the user said where a node's outputs go?
static bool
is_decided(const struct lat_jack *j, const struct lat_slot *slots,
           const char *node)
{
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        if (slots[i].refs && slots[i].is_output &&
            strcmp(slots[i].node, node) == 0 &&
            (lat_remembered_in_lines(session_lines(j), slots[i].name) ||
             lat_remembered_is_refused(j->remembered, slots[i].name))) {
            return true;
        }
    }
    return false;
}

static void
connect_by_rule(struct lat_jack *j, const struct lat_slot *d)
{
    lat_remembered_add_default(j->remembered, d->name, d->channel);
    if (d->n_channels == 1) {
        lat_remembered_add_default(j->remembered, d->name, 2);
    } else if (d->channel == 1) {
        lat_remembered_drop_default(j->remembered, d->name, 2);
    }
}

/// The only connection that nobody asked for: the first audio_out goes to the
/// first two physical ports, one channel to both.  One that becomes the first
/// because another was freed stays what it is.
/// @param is_new  slots that have changed.
static void
apply_rule(struct lat_jack *j, const struct lat_slot *slots, const bool *is_new)
{
    const struct lat_slot *first = first_output(j, slots);
    const bool is_open = first && !is_decided(j, slots, first->node);
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        const struct lat_slot *d = &slots[i];
        const bool is_ruled = d->refs && d->is_output && !d->is_midi &&
                              !d->is_plain && d->channel <= 2 && first &&
                              strcmp(first->node, d->node) == 0;
        if (d->refs) {
            lat_remembered_set_ruled(j->remembered, d->name, is_ruled);
        }
        if (is_ruled && is_open && is_new[i]) {
            connect_by_rule(j, d);
        } else if (is_ruled && is_open && !j->has_session) {
            lat_remembered_leave_alone(j->remembered, d->name);
        }
    }
}

/// Are its connections for the session and for people?  Those of doors, and of
/// processes that were started, are cables.
static bool
is_ours(const struct lat_jack *j, const struct lat_slot *d)
{
    return !d->is_plain || (j->options.is_clocked && !j->options.page);
}

static void
follow_slot(struct lat_jack *j, const struct lat_slot *slots, uint32_t i)
{
    const struct lat_slot *d = &slots[i];
    struct seen_slot *seen = &j->seen[i];
    struct lat_document *document = lat_control_document(j->control);
    const bool is_same =
        seen->is_used && d->refs && seen->generation == d->generation;
    if (!is_ours(j, d) && !seen->is_used) {
        return;
    }
    if (seen->is_used && !is_same) {
        lat_remembered_port_removed(j->remembered, seen->name);
    }
    if (is_same && strcmp(seen->name, d->name) != 0) {
        lat_remembered_port_renamed(j->remembered, seen->name, d->name,
                                    document->jack);
    }
    seen->is_used = d->refs && is_ours(j, d);
    seen->generation = d->generation;
    seen->n_channels = d->n_channels;
    memcpy(seen->name, d->name, sizeof(seen->name));
}

void
lat_client_follow_slots(struct lat_jack *j)
{
    const struct lat_slot *slots = lat_control_slots(j->control);
    bool is_new[LAT_MAX_DEVICE_SLOTS];
    bool has_changed[LAT_MAX_DEVICE_SLOTS];
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        const struct seen_slot *seen = &j->seen[i];
        is_new[i] = slots[i].refs && is_ours(j, &slots[i]) &&
                    !(seen->is_used && seen->generation == slots[i].generation);
        const bool is_living = is_of_graph(j, &slots[i]);
        has_changed[i] = is_new[i] || seen->n_channels != slots[i].n_channels ||
                         is_living > seen->is_living;
        follow_slot(j, slots, i);
        j->seen[i].is_living = is_living;
    }
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        if (is_new[i]) {
            const struct lat_slot *d = &slots[i];
            lat_remembered_port_added(j->remembered, d->name,
                                      d->order * 64 + d->channel,
                                      session_lines(j));
            lat_remembered_set_midi(j->remembered, d->name, d->is_midi);
        }
    }
    apply_rule(j, slots, has_changed);
    j->is_dirty = false;
}

void
lat_client_note_leaving(struct lat_jack *j)
{
    const struct lat_slot *slots = lat_control_slots(j->control);
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        if (slots[i].refs && !slots[i].is_plain) {
            lat_remembered_set_leaving(j->remembered, slots[i].name,
                                       !is_of_graph(j, &slots[i]));
        }
    }
}

void
lat_client_follow_session(struct lat_jack *j)
{
    const struct lat_slot *slots = lat_control_slots(j->control);
    bool all[LAT_MAX_DEVICE_SLOTS];
    memset(all, true, sizeof(all));
    lat_hosted_follow(j);
    lat_hosted_settle_names(j);
    lat_hosted_meet_lines(j, true);
    lat_remembered_load(j->remembered, session_lines(j));
    apply_rule(j, slots, all);
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        j->seen[i].is_living = is_of_graph(j, &slots[i]);
    }
    j->has_session = false;
    j->has_digest = false;
}

/// Listeners are called inside commands: the audio thread must not put the new
/// owner's sound into the old owner's port, the rest can wait for the tick.
static void
follow_ports(struct lat_jack *j)
{
    const struct lat_slot *slots = lat_control_slots(j->control);
    const size_t n = lat_engine_n_slots(j->engine);
    if (memcmp(slots, j->slots, n * sizeof(*slots)) == 0) {
        return; // told after every command
    }
    memcpy(j->slots, slots, n * sizeof(*slots));
    if (j->link) {
        j->ports_serial = lat_link_want_ports(j->link, slots);
    }
    j->is_dirty = true;
}

void
lat_client_on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_jack *j = data;
    follow_ports(j);
    j->is_graph_new =
        j->is_graph_new || (changes->topics & LAT_TOPIC_STRUCTURE);
    j->has_session = j->has_session || changes->is_session;
}

static void
give_order(void *data, bool is_connect, const char *from, const char *to)
{
    struct lat_jack *j = data;
    j->n_ordered = lat_link_order(j->link, is_connect, from, to);
}

static void
compare_digest(struct lat_jack *j)
{
    lat_client_note_leaving(j);
    const uint64_t digest = lat_remembered_digest(j->remembered);
    j->has_news |= j->has_digest && digest != j->digest;
    j->digest = digest;
    j->has_digest = true;
}

/// What came does so for the next view that is looked at.
static void
pass_on(const struct lat_names *from, struct lat_names *to)
{
    for (uint32_t i = 0; i < from->n; ++i) {
        (void)lat_names_add(to, from->at[i]);
    }
    lat_names_sort(to);
}

bool
lat_client_take_view(struct lat_jack *j, bool is_to_warn)
{
    struct lat_jack_view view;
    if (!lat_link_take_view(j->link, &view)) {
        return false;
    }
    const bool is_new = view.ports_serial == j->ports_serial &&
                        view.orders_done >= j->n_ordered;
    if (!is_new) {
        pass_on(&view.came, &j->came);
    } else {
        pass_on(&j->came, &view.came);
        lat_names_fini(&j->came);
        if (j->has_session) {
            lat_client_follow_session(j);
            is_to_warn = true;
        }
        if (j->is_graph_new) {
            lat_hosted_follow(j);
        }
        lat_hosted_meet_view(j, &view);
        const uint64_t now_ns = lat_now_ns();
        if (lat_remembered_update(j->remembered, &view, now_ns, give_order,
                                  j)) {
            j->look_ns = now_ns + LAT_REMEMBERED_LOOK_NS;
        } else {
            compare_digest(j);
        }
        if (is_to_warn) {
            lat_remembered_warn(j->remembered);
        }
    }
    lat_jack_view_fini(&view);
    return is_new;
}
